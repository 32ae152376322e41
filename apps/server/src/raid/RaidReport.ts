import type { Hex } from "@testudo/core/model/Hex";
import type { ThreatDifference } from "@testudo/core/risk/attack/compareThreats";
import type { Threat } from "@testudo/core/risk/attack/Threat";
import type { Confirmed } from "@testudo/lab/raid/confirmPlan";

/** What a search for plans that take value out found. */
export interface RaidReport {
  readonly calls: number;
  readonly callsPerSecond: number;
  readonly findings: readonly RaidFinding[];
  /** What ended the search before its time; null where nothing did. */
  readonly lost: string | null;
  /** Why not all of it could be written; null where it was. */
  readonly unkept: string | null;
  /** The same in the order of what they are worth to an attacker, with those of the last ranking that are kept. */
  readonly threats: readonly RankedThreat[];
  /** Against the last ranking of the same scenario; null where there is none. */
  readonly difference: RankingDifference | null;
}

/** What changed; of what is gone, why: not finding a threat is no reason. */
export interface RankingDifference extends ThreatDifference {
  readonly gone: readonly (Threat & { readonly why: string })[];
}

/** A threat in its place. */
export interface RankedThreat extends Threat {
  /** It stays from an earlier ranking, and has no finding in this one. */
  readonly notFoundThisTime?: {
    /** When a search found it last, and how many calls that one made; null where that was not kept. */
    readonly lastSeen: string | null;
    readonly calls: number | null;
    /** Whether its plan, played on this state, still works; or why that could not be tried. */
    readonly again: "works" | "not played";
    readonly why: string | null;
  };
}

/** A plan, shrunk, and where what shows it lies. */
export interface RaidFinding extends FoundPlan {
  /** Another engine came to the same. */
  readonly confirmed: Confirmed;
  /** Files, encrypted where they end in `.age`; null where they could not be written. */
  readonly files: { readonly capsule: string; readonly foundryTest: string | null; readonly report: string } | null;
  /** Where the report went: to a running watch, or into the data folder for the next. */
  readonly submitted: { readonly state: string; readonly where: string } | null;
}

/** What a worker tells of a plan. */
export interface FoundPlan {
  readonly id: string;
  readonly title: string;
  /** `gain`, or `figure` with its name. */
  readonly objective: "gain" | "figure";
  readonly figure: string | null;
  /** Moves in their order, a line each. */
  readonly moves: readonly string[];
  /** In the unit of account. */
  readonly gain: number;
  readonly gainWad: string;
  readonly cost: number;
  readonly costWad: string;
  /** What is needed of each asset for a while, in its smallest unit. */
  readonly capital: { readonly [asset: string]: string };
  /** No time passes: the capital may be lent for the length of one block. */
  readonly isAtomic: boolean;
  /** That others do what the plan waits for, together, as the scenario says. */
  readonly probability: number;
  readonly atCall: number;
  readonly seconds: number;
  /** SHA-256 of the capsule's file. */
  readonly capsule: Hex;
}
