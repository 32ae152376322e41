// Calls that told nothing when they were made with others: they fail, or need much. Each goes by itself from then on, and what may
// take a node long takes nothing else with it.
import { keyOfRead, type NodeRead } from "@testudo/core/model/StateRead";

/** How many ms a call took a node that takes next to none, as one that fails does; "late" where it had all its time and told nothing. */
export type Pace = number | "slow" | "late" | "new";

/** What is known of them at one node, whichever block they are asked about. */
export interface Loners {
  paceOf(read: NodeRead): Pace | undefined;
  has(read: NodeRead): boolean;
  /** Whether the call has returned something before, at whichever node. */
  hasTold(read: NodeRead): boolean;
  setApart(read: NodeRead, pace: Pace): void;
  /** By itself the call took `ms`. */
  notePace(read: NodeRead, ms: number): void;
  /** What has told something before comes first, what was late last: contracts of a stranger could be in front of it at each block. */
  inTurn(reads: readonly NodeRead[]): readonly NodeRead[];
  /** Of one read after the other, whether it goes by itself. Calls that are known to be quick go with the rest, as long as all are together. */
  costlyAmong(): (read: NodeRead) => boolean;
}

// A token that an attacker makes for each transaction is another call each time.
const mostKept = 10_000;
// Those that one block asks for first: it may ask for as many as a stranger makes.
const mostNew = 1_000;
const quickMs = 100;
// Of quick ones that go with the rest, all together.
const mostQuickMs = 1_500;

/** A book for each node: how long one takes, or says that it does, is nothing that another is asked by. */
export interface LonersOf<N> {
  of(node: N): Loners;
  /** Those of `reads` that are calls have returned something, at whichever node. */
  noteTold(reads: readonly NodeRead[]): void;
}

/** Makes empty books. */
export function makeLonersOf<N extends WeakKey>(): LonersOf<N> {
  const books = new WeakMap<N, Loners>();
  const tellers = new Set<string>();
  return {
    of(node) {
      const book = books.get(node) ?? makeLoners(tellers);
      books.set(node, book);
      return book;
    },
    noteTold(reads) {
      const keys = reads.flatMap((read) => (read.kind === "call" ? [keyOf(read)] : []));
      const known = keys.filter((key) => tellers.has(key));
      const fresh = keys.filter((key) => !tellers.has(key)).slice(0, mostNew);
      for (const key of [...fresh, ...known]) {
        tellers.delete(key);
        tellers.add(key);
        if (tellers.size > mostKept) tellers.delete(tellers.keys().next().value!);
      }
    },
  };
}

function makeLoners(tellers: ReadonlySet<string>): Loners {
  const paces = new Map<string, Pace>();
  const paceOf = (read: NodeRead) => paces.get(keyOf(read));
  const setApart = (read: NodeRead, pace: Pace): void => {
    const key = keyOf(read);
    paces.delete(key);
    paces.set(key, pace);
    if (paces.size > mostKept) paces.delete(paces.keys().next().value!);
  };
  const hasTold = (read: NodeRead) => tellers.has(keyOf(read));
  const rank = (read: NodeRead) => (paceOf(read) === "late" ? 2 : hasTold(read) ? 0 : 1);
  return {
    paceOf,
    has: (read) => paceOf(read) !== undefined,
    hasTold,
    setApart,
    notePace: (read, ms) => setApart(read, ms < quickMs ? ms : "slow"),
    inTurn: (reads) => [...reads].sort((a, b) => rank(a) - rank(b)),
    costlyAmong() {
      let allowedMs = mostQuickMs;
      return (read) => {
        const pace = read.kind === "call" ? paceOf(read) : undefined;
        if (pace === undefined) return false;
        if (typeof pace !== "number") return true;
        allowedMs -= pace;
        return allowedMs < 0;
      };
    },
  };
}

function keyOf(read: NodeRead): string {
  return keyOfRead({ ...read, at: "block" });
}
