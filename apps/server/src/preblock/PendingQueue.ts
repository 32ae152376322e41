// In which order what waits is judged. Whoever fills the queue pays nothing for it unless a block takes what he shows: so what a block
// would take first is judged first. A node may make up what no block takes, and whose it likes: so each has its turn, and a share. What
// several show is in none of theirs, or it would be the share of whoever is the quickest to show what is real, and fills it.
import type { Address, Hex } from "@testudo/core/model/Hex";
import { type PendingTx, priceOf } from "@testudo/core/model/PendingTx";
import type { PendingPool } from "./PendingPool.ts";
import type { PendingVerdict } from "./PendingVerdict.ts";

/** A transaction to be judged. */
export interface Job {
  readonly tx: PendingTx;
  readonly since: number;
  /** Whoever waits for the verdict. */
  readonly done: ((verdict: PendingVerdict) => void)[];
}

export interface PendingQueue {
  readonly size: number;
  /** Takes `tx` up, if it waits not yet; false where something had to be left out for want of room. */
  add(tx: PendingTx, done?: Job["done"][number]): boolean;
  /** Notes that `node` shows the one of `hash` as well, if it waits. */
  noteShown(hash: Hex, node: string): void;
  /** The next one, taken out: what somebody waits for, then what pays most of what each node shows, in turn. */
  take(): Job | undefined;
  /** Orders all that waits by the prices at `baseFeeWei`. */
  reprice(baseFeeWei: bigint): void;
  /** All, taken out. */
  clear(): readonly Job[];
}

interface Placed extends Job {
  tipWei: bigint;
  source: Source;
}

/** What one node shows, or several do, but for what somebody waits for. */
interface Source {
  waiting: number;
  chars: number;
  /** None of those that wait pays less. */
  leastWei: bigint;
  /** When one of them was taken last, counted in turns. */
  takenAt: number;
}

/** The least that a sender pays before each of his first nonces, and for all of them. */
interface Line {
  readonly before: ReadonlyMap<number, bigint | undefined>;
  readonly all: bigint | undefined;
}

// What stands behind more than these costs somebody as many included.
const lineMax = 256;
// Of call data, two a byte, as in the pool: what it has forgotten may wait here still.
const mostChars = 256 * 2 ** 20;

/**
 * Opens one for `most` transactions of `pool`, more where somebody waits for them. Until a block takes a sender's earlier ones it takes none
 * after them, so that none counts for more than the least of them pays.
 */
export function openPendingQueue(most: number, pool: Pick<PendingPool, "line" | "version" | "isShared">): PendingQueue {
  const jobs = new Map<Hex, Placed>();
  let baseFeeWei = 0n;
  let chars = 0;
  /** Of whom what waits may count for something else since. */
  const moved = new Set<Address>();
  /** By who shows them; undefined: several do. */
  const sources = new Map<string | undefined, Source>();
  let turns = 0;

  const ownTip = (tx: PendingTx) => {
    const { tipWei, maxFeeWei } = priceOf(tx, baseFeeWei);
    // No block may take it.
    return maxFeeWei < baseFeeWei ? -1n : tipWei;
  };
  const lines = new Map<Address, Line>();
  let ofVersion = -1;

  function lineOf(from: Address): Line {
    if (ofVersion !== pool.version) lines.clear();
    ofVersion = pool.version;
    const known = lines.get(from);
    if (known !== undefined) return known;
    const before = new Map<number, bigint | undefined>();
    let all: bigint | undefined;
    let dearest: bigint | undefined;
    const close = () => {
      if (dearest !== undefined) all = all === undefined ? dearest : lower(all, dearest);
      dearest = undefined;
    };
    for (const tx of pool.line(from)) {
      if (!before.has(tx.nonce)) {
        if (before.size >= lineMax) break;
        close();
        before.set(tx.nonce, all);
      }
      const own = ownTip(tx);
      // Of two with one nonce a block takes the one that pays it more.
      if (dearest === undefined || own > dearest) dearest = own;
    }
    close();
    const line = { before, all };
    lines.set(from, line);
    return line;
  }

  function place(job: Placed): void {
    job.tipWei = tipOf(job.tx);
    job.source.leastWei = lower(job.source.leastWei, job.tipWei);
  }

  function sourceOf(label: string | undefined): Source {
    const known = sources.get(label) ?? { waiting: 0, chars: 0, leastWei: 0n, takenAt: 0 };
    sources.set(label, known);
    return known;
  }

  function tipOf(tx: PendingTx): bigint {
    const { before, all } = lineOf(tx.from);
    const least = before.has(tx.nonce) ? before.get(tx.nonce) : all;
    return least === undefined ? ownTip(tx) : lower(least, ownTip(tx));
  }

  const isFull = (tx: PendingTx) => jobs.size >= most || chars + tx.input.length > mostChars;

  /** Whether there is room for `tx`, which pays `tipWei`; those that pay least make it, of whoever has most of what there is too much of. */
  function makeRoom(tx: PendingTx, own: Source, tipWei: bigint): boolean {
    while (isFull(tx)) {
      const isMany = jobs.size >= most;
      const shareOf = (one: Source) => (isMany ? one.waiting : one.chars + (one === own ? tx.input.length : 0));
      // Nobody pays for what a node makes up, so that what it would pay counts among its own only.
      const fullest = [...sources.values()].reduce((one, other) => (shareOf(other) > shareOf(one) ? other : one), own);
      if (!dropCheapest(fullest, fullest === own ? tipWei : undefined)) return false;
    }
    return true;
  }

  /** Drops the one of `source` that pays least, if that is less than `tipWei`. */
  function dropCheapest(source: Source, tipWei: bigint | undefined): boolean {
    if (tipWei !== undefined && tipWei <= source.leastWei) return false;
    let last: Placed | undefined;
    for (const job of jobs.values())
      if (job.done.length === 0 && job.source === source && (last === undefined || job.tipWei <= last.tipWei))
        last = job;
    if (last === undefined) return false;
    source.leastWei = last.tipWei;
    if (tipWei !== undefined && last.tipWei >= tipWei) return false;
    remove(last);
    return true;
  }

  function remove(job: Placed): void {
    jobs.delete(job.tx.hash);
    chars -= job.tx.input.length;
    count(job, -1);
  }

  /** Counts what nobody waits for among what its source shows, or no more. */
  function count({ tx, done, source }: Placed, by: 1 | -1): void {
    if (done.length > 0) return;
    source.waiting += by;
    source.chars += by * tx.input.length;
  }

  // Of those that nobody waits for each source has its turn.
  function isBefore(one: Placed, other: Placed): boolean {
    const [isAsked, isOtherAsked] = [one.done.length > 0, other.done.length > 0];
    if (isAsked !== isOtherAsked) return isAsked;
    const [turn, otherTurn] = isAsked ? [0, 0] : [one.source.takenAt, other.source.takenAt];
    // Of equals the one that came first.
    return turn === otherTurn ? one.tipWei > other.tipWei : turn < otherTurn;
  }

  return {
    get size() {
      return jobs.size;
    },
    add(tx, done) {
      const known = jobs.get(tx.hash);
      if (known !== undefined) {
        if (done) count(known, -1);
        if (done) known.done.push(done);
        return true;
      }
      const tipWei = tipOf(tx);
      const wasFull = isFull(tx);
      const source = sourceOf(pool.isShared(tx.hash) ? undefined : tx.source);
      if (done === undefined && !makeRoom(tx, source, tipWei)) return false;
      source.leastWei = lower(source.leastWei, tipWei);
      const job: Placed = { tx, since: performance.now(), done: done ? [done] : [], tipWei, source };
      count(job, 1);
      chars += tx.input.length;
      jobs.set(tx.hash, job);
      // It may have taken the place of one that kept back what its sender has behind it.
      if ((pool.line(tx.from).at(-1)?.nonce ?? 0) > tx.nonce) moved.add(tx.from);
      return done !== undefined || !wasFull;
    },
    noteShown(hash, node) {
      const job = jobs.get(hash);
      if (job === undefined || job.tx.source === node) return;
      count(job, -1);
      job.source = sourceOf(undefined);
      count(job, 1);
      job.source.leastWei = lower(job.source.leastWei, job.tipWei);
    },
    take() {
      if (moved.size > 0) for (const job of jobs.values()) if (moved.has(job.tx.from)) place(job);
      moved.clear();
      let next: Placed | undefined;
      for (const job of jobs.values()) if (next === undefined || isBefore(job, next)) next = job;
      if (next === undefined) return undefined;
      remove(next);
      turns += 1;
      if (next.done.length === 0) next.source.takenAt = turns;
      return next;
    },
    reprice(base) {
      baseFeeWei = base;
      ofVersion = -1;
      for (const job of jobs.values()) place(job);
      moved.clear();
    },
    clear() {
      const all = [...jobs.values()];
      jobs.clear();
      sources.clear();
      chars = 0;
      return all;
    },
  };
}

function lower(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
