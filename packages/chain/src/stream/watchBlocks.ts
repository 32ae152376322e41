// One producer follows the endpoints and one consumer takes events; between them stands a bounded queue. The producer's
// spine is what it has put into the queue, so every event continues the one before it (STREAM-02), and whatever fails on
// the way is asked for again from the spine's end: no block is skipped.
import { setMaxListeners } from "node:events";
import type { BlockBundle, BlockRef, Scope } from "@testudo/core/model/BlockBundle";
import type { ChainEvent, Cursor, StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Reexecute } from "../block/Reexecution.ts";
import { offersTraces } from "../block/traceBlocks.ts";
import { followHeads } from "../heads/followHeads.ts";
import { makeHeadClock } from "../heads/HeadClock.ts";
import { makeHeadHints } from "../heads/HeadHints.ts";
import type { HeadSource } from "../heads/openHeadSource.ts";
import type { HeadHint } from "../heads/parseHeadMessage.ts";
import { type Disputed, makeDispute } from "../nodes/Dispute.ts";
import { type EndpointPool, type Member, makePool } from "../nodes/EndpointPool.ts";
import { makeTroubleBook } from "../nodes/TroubleBook.ts";
import { makeBodyProver } from "../prove/BodyProver.ts";
import { makeLogOpinion } from "../prove/LogOpinion.ts";
import { makeLogProver } from "../prove/LogProver.ts";
import { makeSecondOpinion, type SecondOpinion } from "../prove/SecondOpinion.ts";
import { makeTreeProver } from "../prove/TreeProver.ts";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { sleep } from "../rpc/sleep.ts";
import { makeBatchSize } from "./BatchSize.ts";
import { makeQueue } from "./BoundedQueue.ts";
import { MOST_BEHIND, makeCatchUp } from "./CatchUp.ts";
import { type FollowerSink, makeFollower } from "./ChainFollower.ts";
import { makeFinality } from "./Finality.ts";
import { makeSpine, type Spine } from "./Spine.ts";
import { hasAnother, makeStrays } from "./Strays.ts";
import { weightOf } from "./weightOf.ts";

export interface WatchOptions {
  readonly endpoints: readonly Endpoint[];
  /** How many endpoints must give the same hash for a block. Default 2, or 1 with a single endpoint. */
  readonly quorum?: number;
  readonly scopes: readonly Scope[];
  /** Whoever is watched: the senders of live transactions that touch them are told by their signatures, where several nodes are asked. */
  readonly watched?: readonly Address[];
  /** What an earlier watch told to be proved no more (`scope-degraded` of `logs` or `transactions`), and not to be again. */
  readonly unproved?: readonly string[];
  /** First topics of the logs that are looked for inside call frames. History may lack all others there; left out, none. */
  readonly frameLogs?: readonly Hex[] | undefined;
  /** Executes live blocks again of which no endpoint gives call trees. Left out, they come without. */
  readonly reexecute?: Reexecute | undefined;
  /** Whether blocks of history are executed again too. */
  readonly reexecuteHistory?: boolean;
  /** The last block that was committed; null begins with the head itself. */
  readonly from: Cursor;
  /** Blocks before the cursor that are still known, oldest first, the cursor last: a reorg can be told back to them. */
  readonly refs?: readonly BlockRef[];
  /** Blocks from this number on are `live`, older ones `history`. Default: the head at the start; all where nothing came before. */
  readonly liveFrom?: bigint;
  /** Default 100 ms where all endpoints are on this machine, else 1 s. */
  readonly pollMs?: number;
  /** Sockets that say when to ask. What they say is never believed, and without them nothing is missed. Default none. */
  readonly heads?: readonly HeadSource[];
  /** Which endpoints are asked more seldom while the sockets keep pace. Default: those that are not on this machine. */
  readonly isMetered?: (endpoint: Endpoint) => boolean;
  /** Measured on the chain when left out. */
  readonly blockTimeMs?: number;
  /** Where a chain has no `finalized` tag: blocks this deep count as final. Default 256. */
  readonly finalityDepth?: number;
  /** Blocks asked for at once in a back-fill. Default 25. */
  readonly batchBlocks?: number;
  /** Batches asked for ahead of the one at work. Default 3. */
  readonly prefetch?: number;
  /** Bounds of the queue. Default 256 blocks, 64 MiB. */
  readonly queueBlocks?: number;
  readonly queueBytes?: number;
  /** The longest wait before a dead endpoint is asked again. Default 5 s. */
  readonly maxBackoffMs?: number;
  /** How long an endpoint may take to tell its head before it counts as down. Default 5 s. */
  readonly headTimeoutMs?: number;
  /** Told what endpoints disagree on without a quorum, once that has outlasted a block time, and of nothing when it is over. */
  readonly onDisputed?: (disputed: Disputed | undefined) => void;
  readonly signal?: AbortSignal;
}

/** A stream of what the chain does and of what goes wrong while looking. It can be iterated once. */
export interface BlockWatch extends AsyncIterable<ChainEvent | StreamTrouble> {
  /** The newest block that a quorum has reached. */
  head(): bigint | undefined;
  /** Whether `ref` was given and is on the branch of a quorum, or of all who can be asked where those are fewer; false until all were. */
  stands(ref: BlockRef): boolean;
  /** The blocks of history that will come next, as far as they have been fetched: at most `count`. */
  coming(count: number): readonly BlockRef[];
  /** The first block that counts as live; undefined until a quorum has told its head. */
  liveFrom(): bigint | undefined;
  /** How many blocks wait in the queue. */
  queued(): number;
  /** The chain's block time as its newest blocks show it, from 4 s to a minute, or that of the options: what silence is measured by. */
  blockTimeMs(): number;
  /** For whoever reads state at its blocks: more than one node's word, where more can be asked. */
  readonly secondOpinion: SecondOpinion;
}

const NO_BLOCK_TIMES = 3;
const DEFAULT_BLOCK_TIME_MS = 12_000;
// Of a block that is further below the head no socket has to remember the hint.
const JUDGED_BLOCKS = 8n;
// Chains that mine on demand, and fast ones that pause, are not ill after a second or two of silence.
const LEAST_BLOCK_TIME_MS = 4_000;

/**
 * Watches a chain from `from` on: blocks in order, reorgs before what replaces the orphaned blocks, finality, and the
 * troubles of the endpoints. Ends when `signal` is aborted or the iteration is left, and after a reorg deeper than
 * finality or than the known blocks (`deep-reorg`, STREAM-03): then a person has to look.
 * Throws `QuorumImpossible` or `SpineBroken` at once; endpoints that fail never end the stream.
 */
export function watchBlocks(options: WatchOptions): BlockWatch {
  const { endpoints, scopes, frameLogs, reexecute } = options;
  const pollMs = options.pollMs ?? (endpoints.every(isLocal) ? 100 : 1_000);
  const maxBackoffMs = options.maxBackoffMs ?? 5_000;
  const stop = new AbortController();
  const { signal } = stop;
  // Each endpoint and each socket listens once.
  setMaxListeners(0, signal);
  const queue = makeQueue<ChainEvent | StreamTrouble>(
    options.queueBlocks ?? 256,
    options.queueBytes ?? 64 * 1024 * 1024,
  );
  const troubles = makeTroubleBook(
    (trouble) => queue.pushUrgent(trouble),
    () => pool.isShort(),
  );
  const pool = makePool({ endpoints, quorum: options.quorum ?? Math.min(2, endpoints.length), troubles, maxBackoffMs });
  const spine = makeSpine(knownBlocks(options));
  const strays = makeStrays(pool, spine, ({ endpoint }) => troubles.isOpen("endpoint-down", endpoint.label));
  const clock = makeHeadClock(options.from?.number);
  // Executing takes long: a block is given as soon as it is there, and not with the last of a batch.
  const isExecutedHere = (number: bigint) =>
    scopes.includes("T") && number >= reexecuted().from && !endpoints.some(offersTraces);
  const noteFailed = (number: bigint, why: string) => notReexecuted.set(number, why);
  const blockTimeMs = () => options.blockTimeMs ?? measureBlockTime(spine);
  const hints = makeHeadHints({
    pollMs,
    blockTimeMs: () => options.blockTimeMs ?? meanBlockTime(spine),
    isKnown: (hint) => isGiven(spine, hint) || isEverybodys(pool, hint),
    troubles,
  });
  // Where nothing came before, nothing that comes is history.
  let liveFrom = options.liveFrom ?? (options.from === null ? 0n : undefined);
  // Whether more than one node alone told so, who may claim any head until the others are heard again.
  let isLiveSure = liveFrom !== undefined;
  // Whoever goes on with what an earlier run judged live was away meanwhile.
  const isCatchingUp = makeCatchUp(options.liveFrom === undefined ? undefined : options.from?.timestamp);
  let taken: bigint | undefined;
  // Why blocks that were executed again have no call trees after all, until they are given.
  const notReexecuted = new Map<bigint, string>();
  let isChanged = false;
  let wake = () => {};

  const sink: FollowerSink = {
    block(bundle) {
      if (scopes.includes("T")) judgeTraces(bundle);
      const { number } = bundle.ref;
      const phase = number >= liveFrom! ? "live" : "history";
      const receivedAtMs = clock.takeSeenAt(number);
      if (phase === "live" && number + JUDGED_BLOCKS >= clock.best) hints.judge(bundle.ref, receivedAtMs);
      return queue.push({ kind: "block", bundle, phase, receivedAtMs }, weightOf(bundle));
    },
    reorg: (ancestor, orphaned) => queue.push({ kind: "reorg", ancestor, orphaned }, 0),
    finalize: (tag, ref) => queue.push({ kind: "finalize", tag, ref }, 0),
    deepReorg(message) {
      troubles.raise("deep-reorg", message, true);
      stop.abort();
      queue.close();
    },
  };
  const dispute = makeDispute({
    ...{ troubles, blockTimeMs, onDisputed: options.onDisputed },
    strays: (named) => strays.since(performance.now(), blockTimeMs(), named),
  });
  const isLive = (number: bigint) => liveFrom !== undefined && number >= liveFrom;
  const proving = { pool, troubles, isLive, unproved: options.unproved };
  const follower = makeFollower({
    pool,
    spine,
    finality: makeFinality(pool, spine, { depth: options.finalityDepth ?? 256 }),
    batchSize: makeBatchSize(options.batchBlocks ?? 25),
    scopes,
    ...(reexecute ? { mostFrom: (number: bigint) => (isExecutedHere(number) ? 1 : Number.MAX_SAFE_INTEGER) } : {}),
    prefetch: options.prefetch ?? 3,
    trees: () => ({
      ...(frameLogs && liveFrom !== undefined ? { recall: { frameLogs, below: liveFrom } } : {}),
      ...(reexecute ? { reexecution: { ...reexecuted(), execute: reexecute, onFailed: noteFailed } } : {}),
    }),
    provers: {
      logs: makeLogProver(proving),
      logOpinion: makeLogOpinion(proving),
      bodies: makeBodyProver(proving, new Set(options.watched)),
      trees: makeTreeProver(proving),
    },
    agreement: {
      dispute,
      ...(scopes.includes("T") ? { prefer: (member: Member) => offersTraces(member.endpoint) } : {}),
    },
    sink,
  });

  // History may be long, and most nodes have no state of it any more.
  function reexecuted(): { readonly from: bigint; readonly isPatient: boolean } {
    const isPatient = options.reexecuteHistory === true;
    return { isPatient, from: isPatient ? 0n : (liveFrom ?? 0n) };
  }

  function judgeTraces({ has, txs, traces, ref: { number } }: BlockBundle): void {
    // A block without transactions has no trees, whoever could give them.
    if (traces?.length === 0 && txs.length === 0) return;
    const why = notReexecuted.get(number);
    notReexecuted.delete(number);
    if (has.includes("T")) {
      const back = `Block ${number} has call trees again.`;
      for (const by of [undefined, "re-execution"]) troubles.clear("scope-degraded", back, by);
      return;
    }
    const none = `No endpoint gives call trees for block ${number}`;
    // History is left as it is, and may have been told of; that live blocks go without is news.
    if (why !== undefined)
      troubles.raise("scope-degraded", `${none}, nor does executing it again here: ${why}`, false, "re-execution");
    else if (!troubles.isOpen("scope-degraded", "re-execution")) troubles.raise("scope-degraded", `${none}.`, false);
  }

  function onChange(member: Member): void {
    const head = member.head!;
    const isOurs = spine.at(head.number)?.hash === head.hash;
    const reached = pool.target();
    if (reached !== undefined && clock.see(reached, isOurs, spine.last?.number ?? -1n))
      troubles.clear("no-block", `Block ${reached} has arrived.`);
    // Whoever has our own block at its head is on our side again.
    if (member.disagreesSinceMs !== undefined && isOurs) pool.agrees(member);
    isChanged = true;
    wake();
  }

  async function produce(): Promise<void> {
    while (!signal.aborted) {
      isChanged = false;
      const target = isLiveSure || isEverybodyHeard() ? pool.target() : undefined;
      if (target !== undefined && !isLiveSure) noteLive(target);
      if (target === undefined || !(await follower.step(target))) await idle();
    }
  }

  // A quorum of those that are heard first may be one that is behind, and one more.
  function isEverybodyHeard(): boolean {
    return pool.members.every(
      ({ head, endpoint }) => head !== undefined || troubles.isOpen("endpoint-down", endpoint.label),
    );
  }

  function stands({ number, hash }: BlockRef): boolean {
    if (!isEverybodyHeard() || spine.at(number)?.hash !== hash) return false;
    const asked = pool.members.filter(({ endpoint }) => !troubles.isOpen("endpoint-down", endpoint.label));
    const ours = asked.filter((member) => !hasAnother(member, spine));
    return ours.length >= Math.max(1, Math.min(pool.quorum, asked.length));
  }

  function noteLive(target: bigint): void {
    isLiveSure = !pool.isShort();
    // Of a head that one alone claims the others may never come near: what they have is the head as well as any. Who is behind where the
    // run before was is no measure.
    const reached = isLiveSure ? target : (pool.reached() ?? target);
    const from = reached < (options.from?.number ?? 0n) ? target : reached;
    if (liveFrom === undefined || from < liveFrom) liveFrom = from;
  }

  /** Waits for a head to change. */
  async function idle(): Promise<void> {
    if (isChanged || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pollMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Looks at the clock for what no answer tells: silence, and a consumer that falls behind. */
  async function monitor(): Promise<void> {
    while (!signal.aborted) {
      await sleep(Math.min(1_000, Math.max(20, blockTimeMs() / 4)), signal);
      strays.look(performance.now());
      strays.outvote(performance.now(), blockTimeMs());
      pool.tellDisagreement(blockTimeMs());
      // Not before a block was taken: what the run before was frozen by is not to end with a word about a socket.
      if (taken !== undefined) hints.tick();
      const silentMs = clock.silentMs();
      if (silentMs > NO_BLOCK_TIMES * blockTimeMs()) {
        const told = `No new block for ${(silentMs / 1_000).toFixed(1)} s after block ${clock.best}.`;
        // That the only node is down is told; that all of several are, nobody has said yet.
        const isKnown = pool.members.length === 1 && pool.isAway(pool.members[0]!);
        if (isKnown) troubles.note("no-block", told, true);
        else troubles.raise("no-block", told, true);
      }
      if (liveFrom === undefined || taken === undefined || taken < liveFrom) continue;
      const behind = clock.best - taken;
      const isExpected = isCatchingUp(behind);
      const told = `Block ${taken} is at work, ${behind} behind the head.`;
      if (isExpected) troubles.note("block-lag", told, true);
      else if (behind > MOST_BEHIND) troubles.raise("block-lag", told, true);
      else if (behind <= 2n) troubles.clear("block-lag", `Block ${taken} is at work, the head is near.`);
    }
  }

  function end(): void {
    stop.abort();
    queue.clear();
    wake();
  }

  async function* events(): AsyncGenerator<ChainEvent | StreamTrouble> {
    if (options.signal?.aborted === true) return;
    options.signal?.addEventListener("abort", end, { once: true });
    const finalityMs = Math.max(pollMs, Math.min(1_000, blockTimeMs()));
    const fail = (error: unknown) => queue.close(error);
    const timeoutMs = options.headTimeoutMs ?? 5_000;
    const isMetered = options.isMetered ?? ((endpoint) => !isLocal(endpoint));
    const following = { pool, pollMs, finalityMs, maxBackoffMs, timeoutMs, hints, isMetered, signal, onChange };
    followHeads(following).catch(fail);
    for (const source of options.heads ?? []) source.follow(hints.listen(source.label), signal).catch(fail);
    monitor().catch(fail);
    produce().catch(fail);
    try {
      for (let event = await queue.take(); event !== undefined; event = await queue.take()) {
        if (event.kind === "block") taken = event.bundle.ref.number;
        yield event;
      }
    } finally {
      options.signal?.removeEventListener("abort", end);
      end();
    }
  }

  function coming(count: number): readonly BlockRef[] {
    const refs: BlockRef[] = [];
    for (const event of queue.peek(count)) {
      // What comes after a reorg is on another branch.
      if (event.kind === "reorg") break;
      if (event.kind === "block" && event.phase === "history") refs.push(event.bundle.ref);
    }
    return refs;
  }

  return {
    [Symbol.asyncIterator]: events,
    head: () => pool.target(),
    stands,
    coming,
    liveFrom: () => liveFrom,
    queued: () => queue.size,
    blockTimeMs,
    secondOpinion: makeSecondOpinion(proving),
  };
}

function knownBlocks({ from, refs = [] }: WatchOptions): readonly BlockRef[] {
  if (from === null) return [];
  return refs.at(-1)?.hash === from.hash ? refs : [...refs, from];
}

function measureBlockTime(spine: Spine): number {
  return Math.min(60_000, Math.max(LEAST_BLOCK_TIME_MS, meanBlockTime(spine) ?? DEFAULT_BLOCK_TIME_MS));
}

// Over the newest blocks; their times are whole seconds, and a local chain may give all of them the same.
function meanBlockTime(spine: Spine): number | undefined {
  const refs = spine.newest(16);
  const [first, last] = [refs[0], refs.at(-1)];
  if (first === undefined || last === undefined || refs.length < 3) return undefined;
  return (Number(last.timestamp - first.timestamp) * 1000) / (refs.length - 1);
}

function isGiven(spine: Spine, { number, hash }: HeadHint): boolean {
  return spine.at(number)?.hash === hash;
}

function isEverybodys({ members }: EndpointPool, { hash }: HeadHint): boolean {
  return members.every((member) => member.head?.hash === hash);
}

function isLocal({ url }: Endpoint): boolean {
  return /^https?:\/\/(127\.|localhost\b|\[::1\])/i.test(url);
}
