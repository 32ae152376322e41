// One producer follows the endpoints and one consumer takes events; between them stands a bounded queue. The producer's
// spine is what it has put into the queue, so every event continues the one before it (STREAM-02), and whatever fails on
// the way is asked for again from the spine's end: no block is skipped.
import type { BlockBundle, BlockRef, CallFrame, Scope } from "@testudo/core/model/BlockBundle";
import type { ChainEvent, Cursor, StreamTrouble } from "@testudo/core/model/ChainEvent";
import { type AgreeOptions, NobodyAnswers } from "./agreeOnBlocks.ts";
import { makeBatchSize } from "./BatchSize.ts";
import { makeQueue } from "./BoundedQueue.ts";
import { type Member, makePool } from "./EndpointPool.ts";
import { BlockUnknown, LogsIncomplete } from "./fetchBundle.ts";
import { fetchRange } from "./fetchRange.ts";
import { findAncestor } from "./findAncestor.ts";
import { followHeads } from "./followHeads.ts";
import { RpcMalformed, RpcRefused, RpcUnreachable } from "./RpcError.ts";
import type { Endpoint } from "./rpcEndpoint.ts";
import { makeSpine } from "./Spine.ts";
import { sleep } from "./sleep.ts";
import { makeTroubleBook } from "./TroubleBook.ts";
import { offersTraces } from "./traceBlocks.ts";

export interface WatchOptions {
  readonly endpoints: readonly Endpoint[];
  /** How many endpoints must give the same hash for a block. Default 2, or 1 with a single endpoint. */
  readonly quorum?: number;
  readonly scopes: readonly Scope[];
  /** The last block that was committed; null begins with the head itself. */
  readonly from: Cursor;
  /** Blocks before the cursor that are still known, oldest first, the cursor last: a reorg can be told back to them. */
  readonly refs?: readonly BlockRef[];
  /** Blocks from this number on are `live`, older ones `history`. Default: the head at the start. */
  readonly liveFrom?: bigint;
  /** Default 100 ms where all endpoints are on this machine, else 1 s. */
  readonly pollMs?: number;
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
  readonly signal?: AbortSignal;
}

/** A stream of what the chain does and of what goes wrong while looking. It can be iterated once. */
export interface BlockWatch extends AsyncIterable<ChainEvent | StreamTrouble> {
  /** The newest block that a quorum has reached. */
  head(): bigint | undefined;
}

const NO_BLOCK_TIMES = 3;
const LAG_BLOCK_TIMES = 5n;
const DEFAULT_BLOCK_TIME_MS = 12_000;

/**
 * Watches a chain from `from` on: blocks in order, reorgs before what replaces the orphaned blocks, finality, and the
 * troubles of the endpoints. Ends when `signal` is aborted or the iteration is left, and after a reorg deeper than
 * finality or than the known blocks (`deep-reorg`, STREAM-03): then a person has to look.
 * Throws `QuorumImpossible` or `SpineBroken` at once; endpoints that fail never end the stream.
 */
export function watchBlocks(options: WatchOptions): BlockWatch {
  const { endpoints, scopes } = options;
  const pollMs = options.pollMs ?? (endpoints.every(isLocal) ? 100 : 1_000);
  const maxBackoffMs = options.maxBackoffMs ?? 5_000;
  const stop = new AbortController();
  const { signal } = stop;
  const queue = makeQueue<ChainEvent | StreamTrouble>(
    options.queueBlocks ?? 256,
    options.queueBytes ?? 64 * 1024 * 1024,
  );
  const troubles = makeTroubleBook(
    (trouble) => queue.pushUrgent(trouble),
    () => pool.isShort(),
  );
  const pool = makePool({ endpoints, quorum: options.quorum ?? Math.min(2, endpoints.length), troubles, maxBackoffMs });
  const spine = makeSpine(options.refs?.length ? options.refs : options.from === null ? [] : [options.from]);
  if (options.from !== null && spine.last?.hash !== options.from.hash) spine.push(options.from);
  const batchSize = makeBatchSize(options.batchBlocks ?? 25);
  const told: { safe: bigint; finalized: bigint } = { safe: -1n, finalized: -1n };
  let liveFrom = options.liveFrom;
  let taken: bigint | undefined;
  let bestHead = { number: -1n, atMs: Date.now() };
  let firstSeen: { readonly number: bigint; readonly atMs: number }[] = [];
  let isChanged = false;
  let wake: (() => void) | undefined;
  let disputeSinceMs: number | undefined;

  const agreeOptions = (withTxs: boolean): AgreeOptions => ({
    pool,
    withTxs,
    dispute: {
      open(_, message) {
        disputeSinceMs ??= Date.now();
        if (Date.now() - disputeSinceMs <= blockTimeMs()) return false;
        troubles.raise("endpoint-disagrees", message, true);
        return true;
      },
      settle() {
        disputeSinceMs = undefined;
        troubles.clear("endpoint-disagrees", "A quorum agrees again.");
      },
    },
    ...(scopes.includes("T") ? { prefer: (member: Member) => offersTraces(member.endpoint) } : {}),
  });

  function blockTimeMs(): number {
    if (options.blockTimeMs !== undefined) return options.blockTimeMs;
    const refs = spine.newest(16);
    const [first, last] = [refs[0], refs.at(-1)];
    if (first === undefined || last === undefined || refs.length < 3) return DEFAULT_BLOCK_TIME_MS;
    const mean = (Number(last.timestamp - first.timestamp) * 1000) / (refs.length - 1);
    return Math.min(60_000, Math.max(1_000, mean));
  }

  function onChange(member: Member): void {
    const { number, hash } = member.head!;
    if (spine.at(number)?.hash !== hash && !firstSeen.some((seen) => seen.number >= number))
      firstSeen.push({ number, atMs: Date.now() });
    if (number > bestHead.number) {
      bestHead = { number, atMs: Date.now() };
      troubles.clear("no-block", `Block ${number} has arrived.`);
    }
    // Whoever has our own block at its head is on our side again.
    if (member.disagreesSinceMs !== undefined && spine.at(number)?.hash === hash) pool.agrees(member);
    isChanged = true;
    wake?.();
  }

  /** Follows the chain until the stream ends. */
  async function produce(): Promise<void> {
    while (!signal.aborted) {
      isChanged = false;
      const target = pool.target();
      if (target === undefined || (await isIdle(target))) await idle();
    }
  }

  /** One step towards `target`. True when there is nothing to do, or nothing can be done now. */
  async function isIdle(target: bigint): Promise<boolean> {
    try {
      liveFrom ??= target;
      if (spine.last === undefined) return !(await extend(target, target));
      if (target > spine.last.number) return !(await extend(spine.last.number + 1n, target));
      if (pool.members.some(isElsewhere)) return !(await reconcile(target));
      await finalize();
      return true;
    } catch (error) {
      if (isExpected(error)) return true;
      throw error;
    }
  }

  function isElsewhere(member: Member): boolean {
    const known = member.head === undefined ? undefined : spine.at(member.head.number);
    return known !== undefined && known.hash !== member.head!.hash && member.disagreesSinceMs === undefined;
  }

  /** Gives the blocks from `next` on, several batches ahead. False when it stopped short. */
  async function extend(next: bigint, target: bigint): Promise<boolean> {
    const ahead: { readonly numbers: readonly bigint[]; readonly bundles: Promise<BlockBundle[]> }[] = [];
    for (let from = next; from <= target || ahead.length > 0; ) {
      while (from <= target && ahead.length < (options.prefetch ?? 3)) {
        const numbers = rangeOf(from, target, batchSize.blocks);
        const bundles = fetchRange(numbers, scopes, agreeOptions(scopes.includes("X")));
        // It is awaited in its turn; until then a failure is nobody's.
        bundles.catch(() => {});
        ahead.push({ numbers, bundles });
        from += BigInt(numbers.length);
      }
      const { numbers, bundles } = ahead.shift()!;
      const arrived = await bundles.catch((error: unknown) => {
        if (numbers.length > 1 && isExpected(error) && batchSize.shrink()) return [];
        throw error;
      });
      for (const bundle of arrived) {
        if (spine.last !== undefined && bundle.ref.parentHash !== spine.last.hash) return reconcile(spine.last.number);
        if (!(await giveBlock(bundle))) return false;
      }
      await finalize();
      if (arrived.length < numbers.length) return false;
      batchSize.succeed();
    }
    return true;
  }

  async function giveBlock(bundle: BlockBundle): Promise<boolean> {
    spine.push(bundle.ref);
    if (scopes.includes("T")) judgeTraces(bundle);
    const { number } = bundle.ref;
    const phase = number >= liveFrom! ? "live" : "history";
    const receivedAtMs = firstSeen.find((seen) => seen.number >= number)?.atMs ?? Date.now();
    firstSeen = firstSeen.filter((seen) => seen.number > number);
    return queue.push({ kind: "block", bundle, phase, receivedAtMs }, weightOf(bundle));
  }

  function judgeTraces({ has, ref }: BlockBundle): void {
    if (has.includes("T")) troubles.clear("scope-degraded", `Block ${ref.number} has call trees again.`);
    else troubles.raise("scope-degraded", `No endpoint gives call trees for block ${ref.number}.`, false);
  }

  /** Finds where the chain left the spine and tells it. False when there is nothing to tell, or not yet. */
  async function reconcile(target: bigint): Promise<boolean> {
    const ancestor = await findAncestor(spine, target, agreeOptions(false));
    if (ancestor === "unknown" || (ancestor !== "none" && ancestor.hash === spine.last!.hash)) return false;
    if (ancestor === "none" || ancestor.number < told.finalized) {
      await stopAtDeepReorg(ancestor === "none" ? undefined : ancestor);
      return true;
    }
    const orphaned = spine.cutAbove(ancestor);
    // The target is where the known blocks were compared from; blocks above it fell with the rest.
    return queue.push({ kind: "reorg", ancestor, orphaned }, 0);
  }

  async function stopAtDeepReorg(ancestor: BlockRef | undefined): Promise<void> {
    const { first, last } = spine;
    const what =
      ancestor === undefined
        ? `The chain has none of the known blocks ${first!.number} to ${last!.number}`
        : `The chain left ours at block ${ancestor.number}, below the final block ${told.finalized}`;
    const wayOut = "- The stream has stopped. Check the endpoints, then begin again from a block that is right.";
    troubles.raise("deep-reorg", `${what}.\n- A final block must not fall away.\n${wayOut}`, true);
    stop.abort();
    queue.close();
  }

  async function finalize(): Promise<void> {
    for (const tag of ["safe", "finalized"] as const) {
      const ref = finalRef(tag);
      if (ref === undefined || ref.number <= told[tag]) continue;
      told[tag] = ref.number;
      await queue.push({ kind: "finalize", tag, ref }, 0);
    }
    if (told.finalized >= 0n) spine.forgetBelow(told.finalized);
  }

  // A block that was given and lies at or below the node's final block is final too, if that is on our chain.
  function finalRef(tag: "safe" | "finalized"): BlockRef | undefined {
    const last = spine.last;
    if (last === undefined) return undefined;
    const final = pool.final(tag);
    if (final === undefined) {
      const hasTag = pool.members.some((member) => member[tag] !== undefined);
      const depth = BigInt(options.finalityDepth ?? 256);
      return tag === "safe" || hasTag ? undefined : spine.at(last.number - depth);
    }
    if (final.number >= last.number) return final.number === last.number && final.hash !== last.hash ? undefined : last;
    const known = spine.at(final.number);
    return known?.hash === final.hash ? known : undefined;
  }

  /** Waits for a head to change. */
  async function idle(): Promise<void> {
    if (isChanged) return;
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const timer = new AbortController();
    await Promise.race([woken, sleep(pollMs, AbortSignal.any([signal, timer.signal]))]);
    timer.abort();
  }

  /** Looks at the clock for what no answer tells: silence, and a consumer that falls behind. */
  async function monitor(): Promise<void> {
    while (!signal.aborted) {
      await sleep(Math.min(1_000, Math.max(20, blockTimeMs() / 4)), signal);
      pool.tellDisagreement(blockTimeMs());
      const silentMs = Date.now() - bestHead.atMs;
      if (silentMs > NO_BLOCK_TIMES * blockTimeMs())
        troubles.raise("no-block", `No new block for ${silentMs} ms after block ${bestHead.number}.`, true);
      if (liveFrom === undefined || taken === undefined || taken < liveFrom) continue;
      const behind = bestHead.number - taken;
      if (behind > LAG_BLOCK_TIMES)
        troubles.raise("block-lag", `Block ${taken} is at work, ${behind} behind the head.`, true);
      else if (behind <= 2n) troubles.clear("block-lag", `Block ${taken} is at work, the head is near.`);
    }
  }

  async function* events(): AsyncGenerator<ChainEvent | StreamTrouble> {
    const end = () => {
      stop.abort();
      queue.clear();
    };
    if (options.signal?.aborted === true) return;
    options.signal?.addEventListener("abort", end, { once: true });
    const finalityMs = Math.max(pollMs, Math.min(1_000, blockTimeMs()));
    const fail = (error: unknown) => queue.close(error);
    followHeads({ pool, pollMs, finalityMs, maxBackoffMs, signal, onChange }).catch(fail);
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

  return { [Symbol.asyncIterator]: events, head: () => pool.target() };
}

function rangeOf(from: bigint, to: bigint, count: number): bigint[] {
  const numbers: bigint[] = [];
  for (let n = from; n <= to && numbers.length < count; n++) numbers.push(n);
  return numbers;
}

function isLocal({ url }: Endpoint): boolean {
  return /^https?:\/\/(127\.|localhost\b|\[::1\])/i.test(url);
}

/** What endpoints do wrong, and what a reorg between two questions looks like. Anything else is a fault of ours. */
function isExpected(error: unknown): boolean {
  return [RpcUnreachable, RpcRefused, RpcMalformed, LogsIncomplete, BlockUnknown, NobodyAnswers].some(
    (kind) => error instanceof kind,
  );
}

/** About how many bytes a bundle keeps in memory. */
function weightOf({ txs, logs, traces }: BlockBundle): number {
  let weight = 500;
  for (const tx of txs) weight += 600 + tx.input.length;
  for (const log of logs) weight += 300 + log.data.length;
  for (const trace of traces ?? []) weight += weightOfFrame(trace);
  return weight;
}

function weightOfFrame(frame: CallFrame): number {
  let weight = 400 + frame.input.length + frame.output.length;
  for (const log of frame.logs) weight += 300 + log.data.length;
  for (const call of frame.calls) weight += weightOfFrame(call);
  return weight;
}
