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
  /** All that `from` waits with by nonce, and of one nonce by price. */
  line(from: Address): readonly PendingTx[];
  /** What its sender has to have included before `tx`, in order, but for what took too much to run; of one nonce what pays a block most. */
  before(tx: PendingTx): readonly PendingTx[];
  /** Goes by what each pays a block at `baseFeeWei`. Until then at none. */
  reprice(baseFeeWei: bigint): void;
  /** What may have `tx` among those before it. */
  after(tx: PendingTx): readonly PendingTx[];
  /** Notes that it did harm, and whether without those before it, or after them. They are kept with it while anything else may go. */
  noteRun(tx: PendingTx, isAlone: boolean): void;
  /** Whether it did harm without those before it, when it last did. */
  ranAlone(hash: Hex): boolean;
  /** Notes that `node` shows it as well. */
  noteShown(hash: Hex, node: string): void;
  /** Whether another node shows it than the one that did first. */
  isShared(hash: Hex): boolean;
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
// Of call data, two a byte: so many of the largest that nodes take would fill more than a gigabyte.
const mostChars = 256 * 2 ** 20;
// Of one nonce. A block takes one of them, and a node has dropped those that pay less; without a bound each that comes costs as many.
const ofNonceMax = 4;
// A sender with more before it than this is a service, and what comes of its last one nobody can say.
const beforeMax = 16;

/** Negative where `a` pays less: by its highest price, then by its tip. */
function comparePrices(a: PendingTx, b: PendingTx): number {
  const [one, other] = [priceOf(a, 0n), priceOf(b, 0n)];
  return Number(one.maxFeeWei - other.maxFeeWei) || Number(one.tipWei - other.tipWei);
}

/** Whether `b` pays less than `a` by both prices, or as little. */
function isBelow(b: PendingTx, a: PendingTx): boolean {
  const [one, other] = [priceOf(a, 0n), priceOf(b, 0n)];
  return other.maxFeeWei <= one.maxFeeWei && other.tipWei <= one.tipWei;
}

interface Kept {
  readonly tx: PendingTx;
  since: bigint;
  isAlone?: boolean;
  /** One that does harm comes after it. */
  isNeeded?: boolean;
  isBreaking?: boolean;
  breaksAfter?: number;
  isShared?: boolean;
}

/** Whether nothing that does harm would be lost with it. */
const mayGo = ({ isAlone, isNeeded }: Kept) => isAlone === undefined && isNeeded !== true;

export function openPendingPool(): PendingPool {
  const known = new Map<Hex, Kept>();
  /** By nonce, and of one nonce by price. */
  const ofSender = new Map<Address, PendingTx[]>();
  let head = 0n;
  let baseFeeWei = 0n;
  let version = 0;
  let chars = 0;
  const forget = (hash: Hex) => {
    version += 1;
    const { from, input } = known.get(hash)!.tx;
    known.delete(hash);
    chars -= input.length;
    remove(from, hash);
  };
  const remove = (from: Address, hash: Hex) => {
    const own = ofSender.get(from)!;
    own.splice(
      own.findIndex((tx) => tx.hash === hash),
      1,
    );
    if (own.length === 0) ofSender.delete(from);
  };
  const keep = (tx: PendingTx, given: { readonly isAlone?: boolean }) => {
    version += 1;
    if (!known.has(tx.hash)) makeRoom(tx);
    const before = known.get(tx.hash);
    if (before !== undefined) remove(before.tx.from, tx.hash);
    chars += tx.input.length - (before?.tx.input.length ?? 0);
    known.set(tx.hash, { since: head, ...before, tx, ...given });
    const own = ofSender.get(tx.from) ?? [];
    // They come in their order, as a rule.
    const at = own.findLastIndex((other) => (other.nonce - tx.nonce || comparePrices(other, tx)) <= 0);
    own.splice(at + 1, 0, tx);
    ofSender.set(tx.from, own);
    dropCheapest(own.filter(({ nonce }) => nonce === tx.nonce));
  };
  const dropCheapest = (ofNonce: readonly PendingTx[]) => {
    if (ofNonce.length <= ofNonceMax) return;
    const going = ofNonce.filter(({ hash }) => mayGo(known.get(hash)!));
    // What has the highest price may pay the block nothing, and replace at its own node only what does not either.
    const replaced = going.find((tx) => ofNonce.some((other) => other !== tx && isBelow(tx, other)));
    const cheapest = replaced ?? going[0];
    if (cheapest !== undefined) forget(cheapest.hash);
  };
  // A flood must not push out what was found harmful: a pause is tried against it, and outbids it.
  const makeRoom = ({ input }: PendingTx) => {
    const isFull = () => known.size >= mostKept || chars + input.length > mostChars;
    while (known.size > 0 && isFull()) forgetOne();
  };
  const forgetOne = () => {
    for (const [hash, kept] of known) if (mayGo(kept)) return forget(hash);
    forget(known.keys().next().value!);
  };
  const paidBy = (tx: PendingTx) => {
    const { tipWei, maxFeeWei } = priceOf(tx, baseFeeWei);
    return maxFeeWei < baseFeeWei ? -1n : tipWei;
  };
  const all = () => [...known.values()].map(({ tx }) => tx);
  const line = (from: Address): readonly PendingTx[] => ofSender.get(from) ?? [];
  // Of two with one nonce a block takes the one that pays it more, whichever was shown last; of equals the one that may pay more is the
  // replacement.
  const before = ({ from, nonce }: PendingTx) => {
    const taken = new Map<number, PendingTx>();
    for (const tx of line(from)) {
      if (tx.nonce >= nonce) break;
      if (known.get(tx.hash)!.isBreaking === true) continue;
      const other = taken.get(tx.nonce);
      if (other === undefined || paidBy(tx) >= paidBy(other)) taken.set(tx.nonce, tx);
    }
    return [...taken.values()].slice(-beforeMax);
  };
  return {
    get size() {
      return known.size;
    },
    add(tx) {
      keep(tx, {});
      const own = known.get(tx.hash);
      if (own) own.since = head;
    },
    get: (hash) => known.get(hash)?.tx,
    all,
    get version() {
      return version;
    },
    line,
    before,
    reprice(base) {
      baseFeeWei = base;
    },
    after: ({ from, nonce }) => line(from).filter((tx) => tx.nonce > nonce && tx.nonce <= nonce + beforeMax),
    noteRun(tx, isAlone) {
      keep(tx, { isAlone });
      if (!isAlone) for (const { hash } of before(tx)) known.get(hash)!.isNeeded = true;
    },
    ranAlone: (hash) => known.get(hash)?.isAlone === true,
    noteShown(hash, node) {
      const own = known.get(hash);
      if (own && own.tx.source !== node) own.isShared = true;
    },
    isShared: (hash) => known.get(hash)?.isShared === true,
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
      for (const tx of [...line(from)]) if (BigInt(tx.nonce) < nonce) forget(tx.hash);
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
