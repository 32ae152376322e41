import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { type PendingTx, predictionBlocks, priceOf } from "@testudo/core/model/PendingTx";

/** What waits, as far as it was shown to us. */
export interface PendingPool {
  readonly size: number;
  add(tx: PendingTx): void;
  get(hash: Hex): PendingTx | undefined;
  all(): readonly PendingTx[];
  /** Another number after each change of what waits. */
  readonly version: number;
  /** All that `from` waits with, in the order in which blocks can take it, but for what was replaced. */
  line(from: Address): readonly PendingTx[];
  /** What its sender has to have included before `tx`, in order, but for what took too much to run. */
  before(tx: PendingTx): readonly PendingTx[];
  /** Notes that it did harm, and whether without those before it, or after them. It is kept while anything else may go. */
  noteRun(tx: PendingTx, isAlone: boolean): void;
  /** Whether it did harm without those before it, when it last did. */
  ranAlone(hash: Hex): boolean;
  /** Notes that running it took more than there is for one, which it would on every head. */
  noteBreaking(hash: Hex): void;
  isBreaking(hash: Hex): boolean;
  /** Notes that running it after `count` earlier ones took more than there is for one. */
  noteBreakingAfter(hash: Hex, count: number): void;
  /** Whether it did so after as many, or fewer. */
  isBreakingAfter(hash: Hex, count: number): boolean;
  /** Forgets what `from` can have included no more: everything below its next `nonce`. */
  settle(from: Address, nonce: bigint): void;
  /** Forgets what a block has used up, and what is waited for no longer. */
  observe(bundle: BlockBundle): void;
}

const mostKept = 5_000;
// A sender with more before it than this is a service, and what comes of its last one nobody can say.
const beforeMax = 16;

/** Negative where `a` pays less: by its highest price, then by its tip. */
function comparePrices(a: PendingTx, b: PendingTx): number {
  const [one, other] = [priceOf(a, 0n), priceOf(b, 0n)];
  return Number(one.maxFeeWei - other.maxFeeWei) || Number(one.tipWei - other.tipWei);
}

export function openPendingPool(): PendingPool {
  const known = new Map<
    Hex,
    { readonly tx: PendingTx; since: bigint; isAlone?: boolean; isBreaking?: boolean; breaksAfter?: number }
  >();
  const ofSender = new Map<Address, Set<Hex>>();
  let head = 0n;
  let version = 0;
  const forget = (hash: Hex) => {
    version += 1;
    const { from } = known.get(hash)!.tx;
    known.delete(hash);
    const own = ofSender.get(from)!;
    own.delete(hash);
    if (own.size === 0) ofSender.delete(from);
  };
  const keep = (tx: PendingTx, given: { readonly isAlone?: boolean }) => {
    version += 1;
    if (!known.has(tx.hash)) makeRoom();
    known.set(tx.hash, { since: head, ...known.get(tx.hash), tx, ...given });
    ofSender.set(tx.from, (ofSender.get(tx.from) ?? new Set()).add(tx.hash));
  };
  // A flood must not push out what was found harmful: a pause is tried against it, and outbids it.
  const makeRoom = () => {
    if (known.size < mostKept) return;
    for (const [hash, { isAlone }] of known) if (isAlone === undefined) return forget(hash);
    forget(known.keys().next().value!);
  };
  const lineOf = (from: Address, isIn: (tx: PendingTx) => boolean) =>
    [...(ofSender.get(from) ?? [])]
      .map((hash) => known.get(hash)!.tx)
      .filter(isIn)
      // Of two with one nonce the one that pays more is the replacement, whichever was shown last.
      .sort((a, b) => a.nonce - b.nonce || comparePrices(a, b))
      .filter((tx, i, list) => list[i + 1]?.nonce !== tx.nonce);
  const all = () => [...known.values()].map(({ tx }) => tx);
  return {
    get size() {
      return known.size;
    },
    add(tx) {
      keep(tx, {});
      known.get(tx.hash)!.since = head;
    },
    get: (hash) => known.get(hash)?.tx,
    all,
    get version() {
      return version;
    },
    line: (from) => lineOf(from, () => true),
    before: ({ from, nonce }) =>
      lineOf(from, (tx) => tx.nonce < nonce && known.get(tx.hash)!.isBreaking !== true).slice(-beforeMax),
    noteRun(tx, isAlone) {
      keep(tx, { isAlone });
    },
    ranAlone: (hash) => known.get(hash)?.isAlone === true,
    noteBreaking(hash) {
      const own = known.get(hash);
      if (own) own.isBreaking = true;
    },
    isBreaking: (hash) => known.get(hash)?.isBreaking === true,
    noteBreakingAfter(hash, count) {
      const own = known.get(hash);
      if (own) own.breaksAfter = count;
    },
    isBreakingAfter: (hash, count) => count >= (known.get(hash)?.breaksAfter ?? Number.POSITIVE_INFINITY),
    settle(from, nonce) {
      for (const hash of [...(ofSender.get(from) ?? [])]) if (BigInt(known.get(hash)!.tx.nonce) < nonce) forget(hash);
    },
    observe({ ref, txs }) {
      head = ref.number;
      const used = new Map(txs.map(({ from, nonce }) => [from, nonce] as const));
      for (const [hash, { tx, since }] of known) {
        const nonce = used.get(tx.from);
        if ((nonce !== undefined && nonce >= tx.nonce) || head - since >= predictionBlocks) forget(hash);
      }
    },
  };
}
