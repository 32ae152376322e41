import type { Call } from "./Call.ts";
import type { Callable } from "./Callable.ts";
import type { ChanceMark } from "./Chance.ts";
import type { OracleSetting, Oracles } from "./openOracles.ts";
import type { Approach } from "./SiteBook.ts";
import type { Stage, State } from "./Stage.ts";
import type { Violation } from "./Violation.ts";

/** A search for calls that break what must hold. */
export interface Hunt {
  /** Goes on for at least `calls` calls; a little more, since they go in batches. */
  advance(calls: number): void;
  /** Makes `calls` from a state, and keeps the last of them and where it leads, whether or not it runs anything new. */
  attempt(state: State, calls: readonly Call[]): void;
  readonly calls: number;
  /** Basic blocks that ran. */
  readonly coverage: number;
  /** A number for each of them: the same in every hunt of the same target. */
  covered(): number[];
  /** Comparisons that went one way only so far. */
  readonly open: number;
  readonly violations: readonly Violation[];
  /** What it found, and the calls that ran something new: enough to go on from (`recall`). Not a copy. */
  memory(): HuntMemory;
}

/** What a hunt of the same target and seed goes on from. Its functions are told apart by identity: it is copied as a whole. */
export interface HuntMemory {
  readonly chance: ChanceMark;
  readonly calls: number;
  readonly callables: readonly Callable[];
  /** Calls that ran something new, and where each was made, in their order. */
  readonly news: readonly Approach[];
  readonly violations: readonly Violation[];
  /** How long it had taken. */
  readonly seconds: number;
}

/** What a hunt goes by, where it is not what harnesses want. */
export interface HuntParts {
  /** On the target's engine. */
  readonly stage: Stage;
  readonly openOracles: (setting: OracleSetting) => Oracles;
  /** How many sequences are drawn at once. */
  readonly groups: () => number;
  /** Calls that it makes altogether, those of a recalled hunt among them. Only what was found by then is judged and shrunk beyond. */
  readonly mostCalls: number;
  /** What is run again at the begin: what once was new is known, is built on, and what was found is found no second time. */
  readonly recall: HuntMemory;
}
