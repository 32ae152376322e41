// All that a search has learned, at a point between two of its batches: as one structure, since moves, plans and functions are told
// apart by identity. Copied as a whole (structured clone) it stays what it is.
import type { Callable } from "../adversary/Callable.ts";
import type { ChanceMark } from "../adversary/Chance.ts";
import type { DictionaryMemory } from "../adversary/Dictionary.ts";
import type { ExitsMemory } from "./Exits.ts";
import type { Find } from "./Find.ts";
import type { TrialsMemory } from "./openTrials.ts";
import type { Plan } from "./Plan.ts";

/** A plan that is built on. */
export interface Kept {
  readonly plan: Plan;
  /** The most that it ever gained, with ways out behind it: less than nothing while some of what it built up is stuck. */
  bestWad: bigint;
  /** How much of it is to be seen. */
  readonly size: number;
  /** How often it was built on. */
  tries: number;
  /** It came of the sample. */
  readonly isSample: boolean;
}

/** What `openRaid` goes on from, on the same state with the same scenario and seed. */
export interface RaidMemory {
  readonly chance: ChanceMark;
  readonly ids: number;
  readonly callables: readonly Callable[];
  readonly successes: ReadonlyMap<Callable, number>;
  readonly dictionary: DictionaryMemory;
  readonly trials: TrialsMemory;
  readonly exits: ExitsMemory;
  readonly timely: ReadonlySet<number>;
  /** Figures that nothing broke yet. */
  readonly open: readonly number[];
  readonly kept: readonly Kept[];
  readonly stored: ReadonlyMap<string, Kept>;
  readonly learned: ReadonlyMap<string, number>;
  readonly judged: ReadonlyMap<string, bigint>;
  readonly finds: readonly Find[];
}
