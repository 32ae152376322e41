// Judges what waits in the pool before a block takes it. One transaction after the other on a thread of their own: each is run, given
// to the pipeline, and taken back. Probes have another one, so that neither waits for the other.

import { watchPending } from "@testudo/chain/pending/watchPending";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { BlockBundle, BlockRef } from "@testudo/core/model/BlockBundle";
import { isAtLeast, mostSevere } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Foretold } from "@testudo/core/model/Output";
import type { PendingTx } from "@testudo/core/model/PendingTx";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import { type Bids, openBids } from "./Bids.ts";
import { openNotPredicted } from "./NotPredicted.ts";
import { type Near, openNearness } from "./openNearness.ts";
import { openProbing, type ProbingOptions } from "./openProbing.ts";
import { openPendingPool } from "./PendingPool.ts";
import { type Job, openPendingQueue } from "./PendingQueue.ts";
import type { PendingVerdict } from "./PendingVerdict.ts";
import { type NotDone, openPreblockThread } from "./PreblockThread.ts";
import { openReadTime, type ReadTime } from "./ReadTime.ts";

export interface PreblockOptions extends Omit<ProbingOptions, "thread" | "onNotProbed"> {
  readonly endpoints: readonly Endpoint[];
  /** Rules of the chain by name. Default: mainnet's at that time. */
  readonly hardfork?: string;
  /** Whether the nodes' pools are followed; otherwise only what is handed in is judged. */
  readonly followPool: boolean;
  /** Whether new contracts near the protected set are probed. */
  readonly probes: boolean;
  readonly pollMs?: number;
  /** Gives an input to the pipeline; true once what follows from it is stored. */
  readonly deliver: (input: Input) => Promise<boolean>;
  readonly tell: (input: Input) => void;
  readonly onVerdict?: (verdict: PendingVerdict) => void;
  /** Told of each that took more than there is for one, or for which there was no state. */
  readonly onNotPredicted?: () => void;
}

export interface Preblock {
  /** Takes a transaction that somebody showed us, and says what came of it. */
  submit(tx: PendingTx): Promise<PendingVerdict>;
  /** Sees a block of the stream before it is judged. */
  observe(bundle: BlockBundle, isLive: boolean): void;
  /** Goes on from `ref`: all that still waits is tried on it. */
  moveTo(ref: BlockRef): void;
  /** Answers the pipeline's reads where they are about a pending transaction. */
  answer(ref: BlockRef, reads: readonly StateRead[]): Promise<readonly StateAnswer[]> | undefined;
  onForetold(foretold: Foretold): void;
  /** What those that were found harmful, and wait, offer for their place. */
  readonly bids: Bids;
  pendingOf(hash: Hex): { readonly tx: PendingTx; readonly before: readonly PendingTx[] } | undefined;
  /** Transactions that are not judged yet. */
  readonly waiting: number;
  close(): Promise<void>;
}

// A flood must not fill the memory: what pays least is dropped, and said.
const waitingMax = 2_000;
// For all that detectors ask about one transaction, in up to twelve rounds: blocks wait for it.
const mostReadMs = 2_000;

export function openPreblock(options: PreblockOptions): Preblock {
  const nearness = openNearness(options.watched);
  const pool = openPendingPool();
  const bids = openBids((hash) => pool.get(hash) !== undefined);
  const lost = openNotPredicted(options.tell, options.onNotPredicted);
  const { endpoints, chainId, hardfork, watched } = options;
  const openThread = () =>
    openPreblockThread({ endpoints, chainId, watched, ...(hardfork === undefined ? {} : { hardfork }) });
  const thread = openThread();
  const probes = options.probes ? openProbes() : undefined;
  const jobs = openPendingQueue(waitingMax, pool);
  let baseFeeWei = 0n;
  let head: BlockRef | undefined;
  /** The block of what is being judged, and why state around it was not to be had. */
  let current: { readonly hash: Hex; readonly time: ReadTime; unread?: string } | undefined;
  let told: Foretold | undefined;
  let working: Promise<void> | undefined;
  let probed: Promise<void> = Promise.resolve();
  let probesWaiting = 0;
  let isDropping = false;

  const enqueue = (tx: PendingTx, done?: Job["done"][number]) => {
    if (!jobs.add(tx, done) && !isDropping) {
      isDropping = true;
      const message = `More than ${waitingMax} pending transactions, or than 128 MiB, wait to be judged; those that pay least are not.`;
      options.tell({ kind: "trouble", trouble: "scope-degraded", endpoint: "pool", message });
    }
    start();
  };

  // Whatever comes before others of its sender; one of each nonce is enough.
  const changed = new Map<string, PendingTx>();

  const take = (tx: PendingTx, done?: Job["done"][number]) => {
    pool.add(tx);
    changed.set(`${tx.from} ${tx.nonce}`, tx);
    if (done !== undefined || !pool.isBreaking(tx.hash)) enqueue(tx, done);
    else start();
  };

  /**
   * Takes up once more what may have been judged without one that came, or after one whose place it takes. Not for each that comes: a
   * thousand for one nonce, with thousands behind them, would hold up the thread that follows blocks.
   */
  const takeAgain = () => {
    for (const tx of changed.values())
      for (const later of pool.after(tx)) if (!pool.isBreaking(later.hash)) enqueue(later);
    changed.clear();
  };

  const start = () => {
    working ??= work().finally(() => {
      working = undefined;
      // Whoever has just had a verdict may have come with the next before this was said.
      if (jobs.size > 0) start();
    });
  };

  async function work(): Promise<void> {
    // Whoever shows several at once is heard out first: the one that comes last may be needed by the one before.
    await new Promise(setImmediate);
    // What is taken out has its verdict: so none is once the watch ends.
    const next = () => {
      takeAgain();
      return options.signal.aborted ? undefined : jobs.take();
    };
    for (let job = next(); job !== undefined; job = next()) {
      const verdict = await judge(job);
      // What cannot be judged now does the harm that it did: a pause has to outbid it still.
      if (!isHarmful(verdict) && verdict.outcome !== "unavailable") bids.note(job.tx.hash, undefined);
      for (const done of job.done) done(verdict);
      options.onVerdict?.(verdict);
      // What is far waits for no thread: a flood of it would hold up whoever follows blocks.
      await new Promise(setImmediate);
    }
    isDropping = false;
    if (!options.signal.aborted) return;
    for (const { tx, since, done } of jobs.clear())
      for (const tell of done) tell(verdictOf(tx, null, since)({ outcome: "unavailable", detail: "the watch ends" }));
  }

  async function judge({ tx, since }: Job): Promise<PendingVerdict> {
    const near = nearness.reasonOf(tx);
    const say = verdictOf(tx, near ?? null, since);
    if (near === undefined) return say({ outcome: "far", detail: "it comes near nobody protected" });
    const missed = (why: string) => {
      if (!options.signal.aborted) lost.note(`Pending transaction ${tx.hash}`, why);
      return say({ outcome: "unavailable", detail: why });
    };
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const on = head;
      if (on === undefined) return say({ outcome: "unavailable", detail: "no block has been judged yet" });
      try {
        const verdict = await judgeOn(on, tx, say);
        if (verdict !== undefined) return verdict;
      } catch (error) {
        return missed(error instanceof Error ? error.message : String(error));
      }
    }
    return missed("blocks came faster than it could be judged");
  }

  /** Undefined where the pipeline has gone on to another block. */
  async function judgeOn(on: BlockRef, tx: PendingTx, say: Say): Promise<PendingVerdict | undefined> {
    const isAlone = pool.ranAlone(tx.hash);
    let stateMisses = 0;
    const count: Say = (said) => {
      stateMisses += said.stateMisses ?? 0;
      return say({ ...said, stateMisses });
    };
    const earlier = pool.before(tx);
    // What took too much after as many takes it again, and the thread with it.
    if (earlier.length > 0 && pool.isBreakingAfter(tx.hash, earlier.length)) return judgeAfter(on, tx, [], count);
    const first = await judgeAfter(on, tx, isAlone ? [] : earlier, count);
    // What came first is known only now: what the chain has already goes before nothing.
    const before = pool.before(tx);
    if (first === undefined || isHarmful(first) || before.length === 0) return first;
    // Others may take the place of those before it, and whoever sent them may have shown them to make it look harmless.
    const second = await judgeAfter(on, tx, isAlone ? before : [], count);
    if (second === undefined || isHarmful(second)) return second;
    return rank[second.outcome] > rank[first.outcome] ? second : first;
  }

  async function judgeAfter(
    on: BlockRef,
    tx: PendingTx,
    before: readonly PendingTx[],
    say: Say,
  ): Promise<PendingVerdict | undefined> {
    const tried = await thread.tryOn(on, tx, before);
    if (tried.kind === "no-state") {
      const why = `no node has block ${on.hash}`;
      lost.note(`Pending transaction ${tx.hash}`, why);
      return say({ outcome: "unavailable", detail: why });
    }
    if (tried.kind === "not-done") {
      if (tried.cause === "broken") noteLost(tx, before, tried.why);
      else if (tried.cause === "state") lost.note(`Pending transaction ${tx.hash}`, tried.why);
      return say({ outcome: "unavailable", detail: `not predicted: ${tried.why}` });
    }
    pool.settle(tx.from, tried.next);
    if (tried.baseFeeWei !== baseFeeWei) {
      baseFeeWei = tried.baseFeeWei;
      pool.reprice(baseFeeWei);
      jobs.reprice(baseFeeWei);
    }
    const told = (said: Said) => say({ onBlock: on.number, stateMisses: tried.misses, ...said });
    switch (tried.kind) {
      case "used":
        return told({
          outcome: "refused",
          detail: `nonce ${tx.nonce} is used: the next of ${tx.from} is ${tried.next}`,
        });
      case "refused":
        if (tried.isCostly) noteLost(tx, before, tried.detail);
        return told({ outcome: "refused", detail: tried.detail });
      case "too-large":
        noteLost(tx, before, tried.detail);
        return told({ outcome: "unavailable", detail: `not predicted: ${tried.detail}` });
      case "reverts":
        return told({ outcome: "reverts", detail: "it reverts as things stand" });
      case "ran":
        return giveToPipeline(tx, tried.input, before.length === 0, told);
      default:
        return never(tried);
    }
  }

  function noteLost({ hash }: PendingTx, before: readonly PendingTx[], why: string): void {
    // Where others ran before it, they may be to blame; they are judged by themselves, too.
    if (before.length === 0) pool.noteBreaking(hash);
    else pool.noteBreakingAfter(hash, before.length);
    lost.note(`Pending transaction ${hash}`, why);
  }

  async function giveToPipeline(
    tx: PendingTx,
    input: Extract<Input, { kind: "pending" }>,
    isAlone: boolean,
    say: Say,
  ): Promise<PendingVerdict | undefined> {
    if (!input.bundle.traces!.some(nearness.isTouched)) {
      if (tx.to !== null) nearness.wentElsewhere(tx.to, tx.hash);
      return say({ outcome: "elsewhere", detail: "it runs, and enters nobody protected nor a neighbour" });
    }
    const own: NonNullable<typeof current> = { hash: input.bundle.ref.hash, time: openReadTime(mostReadMs) };
    current = own;
    told = undefined;
    const isStored = await options.deliver(input);
    current = undefined;
    const said = told as Foretold | undefined;
    if (!isStored || said === undefined) return say({ outcome: "unavailable", detail: "the watch ends" });
    if (said.isStale) return undefined;
    if (said.findings.some(({ severity }) => isAtLeast(severity, "high"))) {
      bids.note(tx.hash, input.prediction);
      pool.noteRun(tx, isAlone);
    } else if (own.unread !== undefined) return say({ outcome: "unavailable", detail: `not predicted: ${own.unread}` });
    return say({ outcome: "judged", detail: "", findings: said.findings });
  }

  async function answer(
    own: NonNullable<typeof current>,
    reads: readonly StateRead[],
  ): Promise<readonly StateAnswer[]> {
    const late: NotDone = { kind: "not-done", why: `its state takes longer than ${mostReadMs} ms.`, cause: "broken" };
    const given = (await own.time.spend(() => thread.read(own.hash, reads))) ?? late;
    if (given.kind === "answers") return given.answers;
    own.unread = given.why;
    if (given.cause !== "closed") lost.note("State around a pending transaction", given.why);
    return reads.map(() => ({ ok: false, error: `unavailable: ${given.why}` }));
  }

  function openProbes() {
    const own = openThread();
    const probing = openProbing({
      ...options,
      thread: own,
      onNotProbed: ({ contract }, why) => lost.note(`The probe of contract ${contract}`, why),
    });
    return {
      ...probing,
      close: own.close,
      release() {
        if (!probing.release()) return;
        probesWaiting += 1;
        probed = probed
          .then(() => probing.work(() => head!))
          .finally(() => {
            probesWaiting -= 1;
          });
      },
    };
  }

  const following = options.followPool
    ? watchPending({
        endpoints: options.endpoints,
        signal: options.signal,
        ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
        onPending: (tx) => take(tx),
        onAgain: ({ label }, hash) => {
          pool.noteShown(hash, label);
          jobs.noteShown(hash, label);
        },
        onMalformed: ({ label }, { message }) => lost.note(`A transaction in the pool of ${label}`, message),
        onSource: poolTroubles(options),
      })
    : Promise.resolve();

  return {
    submit(tx) {
      if (tx.chainId !== undefined && tx.chainId !== options.chainId) {
        const detail = `it is signed for chain ${tx.chainId}, and this one is ${options.chainId}`;
        return Promise.resolve(verdictOf(tx, null, performance.now())({ outcome: "refused", detail }));
      }
      return new Promise((resolve) => {
        take(tx, resolve);
      });
    },
    observe(bundle, isLive) {
      nearness.observe(bundle);
      pool.observe(bundle);
      probes?.observe(bundle, isLive);
    },
    moveTo(ref) {
      head = ref;
      lost.moveTo(ref);
      probes?.release();
      jobs.reprice(baseFeeWei);
      for (const tx of pool.all()) if (!pool.isBreaking(tx.hash) && !nearness.isFar(tx)) enqueue(tx);
    },
    answer: (ref, reads) => (current?.hash === ref.hash ? answer(current, reads) : undefined),
    onForetold(foretold) {
      told = foretold;
    },
    bids,
    pendingOf(hash) {
      const tx = pool.get(hash);
      const call = probes?.callOf(hash);
      return tx ? { tx, before: pool.ranAlone(hash) ? [] : pool.before(tx) } : call;
    },
    get waiting() {
      return jobs.size + (working === undefined ? 0 : 1) + probesWaiting;
    },
    async close() {
      await Promise.all([thread.close(), probes?.close()]);
      await following;
      await working;
      await probed;
    },
  };
}

// Of two runs in which nothing was found the one that says more is told.
const rank = { judged: 4, elsewhere: 3, reverts: 2, refused: 1, far: 0, unavailable: 0 } as const;

function isHarmful({ severity }: PendingVerdict): boolean {
  return severity !== null && isAtLeast(severity, "high");
}

type Said = Pick<PendingVerdict, "outcome" | "detail"> &
  Partial<Pick<PendingVerdict, "findings" | "onBlock" | "stateMisses">>;
type Say = (said: Said) => PendingVerdict;

function verdictOf({ hash }: PendingTx, near: Near | null, since: number): Say {
  return (said) => {
    const { findings = [] } = said;
    const severity = mostSevere(findings.map((finding) => finding.severity)) ?? null;
    const ms = Math.round((performance.now() - since) * 100) / 100;
    return { hash, near, onBlock: null, stateMisses: 0, ...said, findings, severity, ms };
  };
}

function never(tried: never): never {
  throw new TypeError(`Unknown report ${JSON.stringify(tried)}.`);
}

/** Tells once when no node shows its pool, and when one does again. */
function poolTroubles({ endpoints, tell }: PreblockOptions) {
  const refused = new Map<string, string>();
  let isTold = false;
  return ({ label }: Endpoint, refusal: string | null) => {
    if (refusal === null) refused.delete(label);
    else refused.set(label, refusal);
    const isBlind = refused.size === endpoints.length;
    if (isBlind === isTold) return;
    isTold = isBlind;
    const message = isBlind
      ? `No node shows its pool (${refusal}); what waits is judged in its block only.`
      : `Node ${label} shows its pool again.`;
    tell({ kind: "trouble", trouble: isBlind ? "scope-degraded" : "recovered", endpoint: "pool", message });
  };
}
