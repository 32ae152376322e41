// Judges what waits in the pool before a block takes it. One transaction after the other on one engine: each is run, given
// to the pipeline, and taken back.
import type { Endpoint } from "@testudo/chain/rpcEndpoint";
import { watchPending } from "@testudo/chain/watchPending";
import type { BlockBundle, BlockRef } from "@testudo/core/model/BlockBundle";
import { isAtLeast, mostSevere } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Foretold } from "@testudo/core/model/Output";
import type { PendingTx } from "@testudo/core/model/PendingTx";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import { type Bids, openBids } from "./Bids.ts";
import { type HeadState, openHeadStates } from "./openHeadState.ts";
import { type Near, openNearness } from "./openNearness.ts";
import { openProbing, type ProbingOptions } from "./openProbing.ts";
import { openPendingPool } from "./PendingPool.ts";
import type { PendingVerdict } from "./PendingVerdict.ts";
import { tryPending } from "./tryPending.ts";

export interface PreblockOptions extends Omit<ProbingOptions, "stateAt"> {
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

interface Job {
  readonly tx: PendingTx;
  readonly since: number;
  readonly done: ((verdict: PendingVerdict) => void)[];
}

// A flood must not fill the memory: what comes last is dropped, and said.
const waitingMax = 2_000;

export function openPreblock(options: PreblockOptions): Preblock {
  const nearness = openNearness(options.watched);
  const pool = openPendingPool();
  const bids = openBids((hash) => pool.get(hash) !== undefined);
  const stateAt = openHeadStates(options);
  const probing = options.probes ? openProbing({ ...options, stateAt }) : undefined;
  const jobs = new Map<Hex, Job>();
  let head: BlockRef | undefined;
  let current:
    | { readonly hash: Hex; readonly answer: (reads: readonly StateRead[]) => Promise<StateAnswer[]> }
    | undefined;
  let told: Foretold | undefined;
  let working: Promise<void> | undefined;
  let isDropping = false;

  const enqueue = (tx: PendingTx, done?: Job["done"][number]) => {
    const known = jobs.get(tx.hash);
    if (known !== undefined) {
      if (done) known.done.push(done);
    } else if (jobs.size >= waitingMax && done === undefined) {
      if (!isDropping)
        options.tell({
          kind: "trouble",
          trouble: "scope-degraded",
          endpoint: "pool",
          message: `More than ${waitingMax} pending transactions wait to be judged; the newest are not.`,
        });
      isDropping = true;
    } else jobs.set(tx.hash, { tx, since: performance.now(), done: done ? [done] : [] });
    start();
  };

  const start = () => {
    working ??= work().finally(() => {
      working = undefined;
    });
  };

  async function work(): Promise<void> {
    // Whoever shows several at once is heard out first: the one that comes last may be needed by the one before.
    await new Promise(setImmediate);
    await probing?.work(() => head!);
    for (let job = first(jobs); job !== undefined && !options.signal.aborted; job = first(jobs)) {
      jobs.delete(job.tx.hash);
      const verdict = await judge(job);
      if (!isHarmful(verdict)) bids.note(job.tx.hash, undefined);
      for (const done of job.done) done(verdict);
      options.onVerdict?.(verdict);
    }
    isDropping = false;
  }

  async function judge({ tx, since }: Job): Promise<PendingVerdict> {
    const near = nearness.reasonOf(tx);
    const say = verdictOf(tx, near ?? null, since);
    if (near === undefined) return say({ outcome: "far", detail: "it comes near nobody protected" });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const on = head;
      if (on === undefined) return say({ outcome: "unavailable", detail: "no block has been judged yet" });
      try {
        const verdict = await judgeOn(on, tx, say);
        if (verdict !== undefined) return verdict;
      } catch (error) {
        return say({ outcome: "unavailable", detail: error instanceof Error ? error.message : String(error) });
      }
    }
    return say({ outcome: "unavailable", detail: "blocks came faster than it could be judged" });
  }

  /** Undefined where the pipeline has gone on to another block. */
  async function judgeOn(on: BlockRef, tx: PendingTx, say: Say): Promise<PendingVerdict | undefined> {
    const state = await stateAt(on);
    if (state === undefined) return say({ outcome: "unavailable", detail: `no node has block ${on.hash}` });
    const asked = state.state.asked();
    const facts = () => ({ onBlock: on.number, stateMisses: state.state.asked() - asked });
    const next = (await state.state.account(tx.from))?.nonce ?? 0n;
    // What was included already, or was signed long ago, goes before nothing.
    pool.settle(tx.from, next);
    if (BigInt(tx.nonce) < next)
      return say({
        ...facts(),
        outcome: "refused",
        detail: `nonce ${tx.nonce} is used: the next of ${tx.from} is ${next}`,
      });
    const before = pool.before(tx);
    // Others may take the place of those before it, and whoever sent them may have shown them to make it look harmless.
    const orders = before.length === 0 ? [before] : pool.ranAlone(tx.hash) ? [[], before] : [before, []];
    let best: PendingVerdict | undefined;
    for (const after of orders) {
      const verdict = await judgeAfter(state, tx, after, (said) => say({ ...facts(), ...said }));
      if (verdict === undefined) return undefined;
      if (isHarmful(verdict)) {
        pool.noteRun(tx.hash, after.length === 0);
        return verdict;
      }
      if (best === undefined || rank[verdict.outcome] > rank[best.outcome]) best = verdict;
    }
    return best;
  }

  async function judgeAfter(
    state: HeadState,
    tx: PendingTx,
    before: readonly PendingTx[],
    say: Say,
  ): Promise<PendingVerdict | undefined> {
    const tried = await tryPending(state, tx, before);
    try {
      const { outcome, input } = tried;
      if (outcome.kind === "refused") return say({ outcome: "refused", detail: outcome.detail });
      if (input === undefined) return say({ outcome: "reverts", detail: "it reverts as things stand" });
      if (!nearness.isTouched(outcome.trace)) {
        if (tx.to !== null) nearness.wentElsewhere(tx.to);
        return say({ outcome: "elsewhere", detail: "it runs, and enters nobody protected nor a neighbour" });
      }
      current = { hash: input.bundle.ref.hash, answer: tried.answer };
      told = undefined;
      const isStored = await options.deliver(input);
      const said = told as Foretold | undefined;
      if (!isStored || said === undefined) return say({ outcome: "unavailable", detail: "the watch ends" });
      if (said.isStale) return undefined;
      if (said.findings.some(({ severity }) => isAtLeast(severity, "high"))) bids.note(tx.hash, input.prediction);
      return say({ outcome: "judged", detail: "", findings: said.findings });
    } finally {
      current = undefined;
      tried.undo();
    }
  }

  const following = options.followPool
    ? watchPending({
        endpoints: options.endpoints,
        signal: options.signal,
        ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
        onPending: (tx) => {
          pool.add(tx);
          enqueue(tx);
        },
        onSource: poolTroubles(options),
      })
    : Promise.resolve();

  return {
    submit(tx) {
      if (tx.chainId !== undefined && tx.chainId !== options.chainId) {
        const detail = `it is signed for chain ${tx.chainId}, and this one is ${options.chainId}`;
        return Promise.resolve(verdictOf(tx, null, performance.now())({ outcome: "refused", detail }));
      }
      pool.add(tx);
      return new Promise((resolve) => {
        enqueue(tx, resolve);
      });
    },
    observe(bundle, isLive) {
      nearness.observe(bundle);
      pool.observe(bundle);
      probing?.observe(bundle, isLive);
    },
    moveTo(ref) {
      head = ref;
      if (probing?.release()) start();
      for (const tx of pool.all()) if (nearness.reasonOf(tx) !== undefined) enqueue(tx);
    },
    answer: (ref, reads) => (current?.hash === ref.hash ? current.answer(reads) : undefined),
    onForetold(foretold) {
      told = foretold;
    },
    bids,
    pendingOf(hash) {
      const tx = pool.get(hash);
      const call = probing?.callOf(hash);
      return tx ? { tx, before: pool.ranAlone(hash) ? [] : pool.before(tx) } : call;
    },
    get waiting() {
      return jobs.size + (working === undefined ? 0 : 1);
    },
    async close() {
      await following;
      await working;
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

function first(jobs: ReadonlyMap<Hex, Job>): Job | undefined {
  return jobs.values().next().value;
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
