// What history says of each detector: how often it fires where nothing was wrong. An artefact with an id that findings cite.
import type { BlockRef } from "./BlockBundle.ts";
import type { Address, Hex } from "./Hex.ts";
import type { ProposedSetting } from "./Observed.ts";
import type { RecordBase } from "./Record.ts";

/** A share of something that was seen `hits` times in `trials`, with its exact 95 % bounds. */
export interface MeasuredRate {
  readonly hits: number;
  readonly trials: number;
  readonly low: number;
  readonly high: number;
}

/** A step of the ladder: the share of a contract's own transactions on which a detector may fire, in millionths. */
export type CalibratedLevel =
  | {
      readonly budgetPpm: number;
      readonly offered: true;
      /** A finding counts when its score is above this. */
      readonly threshold: number;
      /** What history alone would have it, where reviewed false alarms raised it. */
      readonly byHistory?: number;
      /** On the oldest 70 %, which made the threshold, and on the newest 30 %, which did not. */
      readonly fitted: MeasuredRate;
      readonly judged: MeasuredRate;
      readonly alertsPerDay: number;
    }
  | { readonly budgetPpm: number; readonly offered: false; readonly needs: number };

/** One detector on one contract. */
export interface DetectorCalibration {
  readonly detector: string;
  readonly version: string;
  readonly subject: Address;
  /** The contract's own transactions in the range, without those cut out. */
  readonly transactions: number;
  /** Scores above zero that were seen, highest first, each with the number of transactions that scored as much or more. */
  readonly tail: readonly (readonly [score: number, atLeast: number])[];
  readonly levels: readonly CalibratedLevel[];
}

/** The most that went out of a contract of one asset within a window, and the limit that follows. */
export interface FlowCalibration {
  readonly subject: Address;
  readonly asset: string;
  readonly windowSeconds: number;
  readonly maxBps: number;
  /** Highest outflow within one block's time, in bps of the holding a second. */
  readonly peakBpsPerSecond: number;
  readonly limitBps: number;
}

/** Settings that the history proposes for a detector; `nth` of several with the same id, from 0. Nothing applies them by itself. */
export interface SettingCalibration {
  readonly detector: string;
  readonly version: string;
  readonly nth: number;
  readonly settings: object;
  readonly evidence: readonly ProposedSetting[];
}

/** A time range that was left out, and why. Unix seconds, both ends included. */
export interface CalibrationCut {
  readonly from: bigint;
  readonly to: bigint;
  readonly reason: string;
  readonly transactions: number;
}

/** What a reviewed false alarm does to one threshold of its detector on its contract. */
export interface AlarmEffect {
  readonly use: "alert" | "page";
  readonly budgetPpm: number;
  readonly before: number;
  /** Its score, or `before` where it is held back. */
  readonly after: number;
  readonly heldBack?: string;
  /** What was heard and would not be with a threshold at its score, attacks first; at most eight of `wouldHideAll`. */
  readonly wouldHide: readonly { readonly what: string; readonly score: number; readonly finding?: Hex }[];
  readonly wouldHideAll: number;
}

/** A false alarm that one person marked and another accepted, as a calibration took it in (FIND-08). */
export interface ReviewedAlarm {
  readonly finding: Hex;
  readonly review: Hex;
  readonly detector: string;
  readonly version: string;
  readonly subject: Address;
  readonly score: number;
  readonly marked: { readonly actor: string; readonly note: string };
  readonly accepted: { readonly actor: string; readonly note: string };
  readonly effects: readonly AlarmEffect[];
  /** Why it does nothing at all. */
  readonly heldBack?: string;
  /** Its detector keeps a learned set, and the settings propose to add it. */
  readonly isLearned?: true;
}

/** A calibration as it is written, cited and used. */
export interface Calibration extends RecordBase {
  readonly kind: "Calibration";
  readonly chainId: number;
  readonly watched: readonly Address[];
  /** First and last block that it rests on. */
  readonly range: { readonly from: BlockRef; readonly to: BlockRef };
  /** SHA-256 over the hashes of all its blocks. */
  readonly data: Hex;
  readonly cuts: readonly CalibrationCut[];
  readonly detectors: readonly DetectorCalibration[];
  readonly flows: readonly FlowCalibration[];
  /** Absent in files of before people's reviews were taken in, and where there are none. */
  readonly falseAlarms?: readonly ReviewedAlarm[];
  /** Absent in files of before settings were measured. */
  readonly settings?: readonly SettingCalibration[];
  /** Of scores over the same transactions, where both detectors fired at all. */
  readonly correlations: readonly (readonly [detector: string, other: string, rho: number])[];
}
