import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { type PendingTx, predictionBlocks } from "@testudo/core/model/PendingTx";

/** What waits, as far as it was shown to us. */
export interface PendingPool {
  readonly size: number;
  add(tx: PendingTx): void;
  get(hash: Hex): PendingTx | undefined;
  all(): readonly PendingTx[];
  /** What its sender has to have included before `tx`, in order, but for what took too much to run. */
  before(tx: PendingTx): readonly PendingTx[];
  /** Notes whether it did harm without those before it, or after them. */
  noteRun(hash: Hex, isAlone: boolean): void;
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

export function openPendingPool(): PendingPool {
  const known = new Map<
    Hex,
    { readonly tx: PendingTx; since: bigint; isAlone?: boolean; isBreaking?: boolean; breaksAfter?: number }
  >();
  let head = 0n;
  const all = () => [...known.values()].map(({ tx }) => tx);
  return {
    get size() {
      return known.size;
    },
    add(tx) {
      if (known.size >= mostKept && !known.has(tx.hash)) known.delete(known.keys().next().value!);
      const { isBreaking = false, breaksAfter = Number.POSITIVE_INFINITY } = known.get(tx.hash) ?? {};
      known.set(tx.hash, { tx, since: head, isBreaking, breaksAfter });
    },
    get: (hash) => known.get(hash)?.tx,
    all,
    before: ({ from, nonce }) =>
      [...known.values()]
        .filter(({ isBreaking }) => isBreaking !== true)
        .map(({ tx }) => tx)
        .filter((other) => other.from === from && other.nonce < nonce)
        .sort((a, b) => a.nonce - b.nonce)
        // Of two with one nonce the later one is the replacement.
        .filter((other, i, list) => list[i + 1]?.nonce !== other.nonce)
        .slice(-beforeMax),
    noteRun(hash, isAlone) {
      const own = known.get(hash);
      if (own) own.isAlone = isAlone;
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
      for (const [hash, { tx }] of known) if (tx.from === from && BigInt(tx.nonce) < nonce) known.delete(hash);
    },
    observe({ ref, txs }) {
      head = ref.number;
      const used = new Map(txs.map(({ from, nonce }) => [from, nonce] as const));
      for (const [hash, { tx, since }] of known) {
        const nonce = used.get(tx.from);
        if ((nonce !== undefined && nonce >= tx.nonce) || head - since >= predictionBlocks) known.delete(hash);
      }
    },
  };
}
