import type { FalseAlarm } from "./FalseAlarm.ts";
import type { Finding } from "./Finding.ts";
import type { Resolution } from "./FindingStatus.ts";
import type { Hex } from "./Hex.ts";
import type { SettingsProposal } from "./Observed.ts";
import type { Verdict } from "./Review.ts";

/** An anomaly that was told, with what people said of it. */
export interface JudgedFinding {
  readonly finding: Finding;
  readonly resolution?: Resolution | undefined;
  /** Of its review, where it was marked as no attack. */
  readonly verdict?: Verdict | undefined;
}

/** What people's judgement gives a calibration (FIND-08). */
export interface Feedback {
  /** Marked by one and accepted by another. */
  readonly alarms: readonly FalseAlarm[];
  /** Every anomaly that was told and that no reorg took back, those of `alarms` too. */
  readonly findings: readonly JudgedFinding[];
}

/** Settings that reviewed false alarms propose, and the alarms that taught nothing, each with the reason. */
export interface LearnedSettings<P> extends SettingsProposal<P> {
  readonly refused: ReadonlyMap<Hex, string>;
}

/** Whether people hold that it was an attack: they said so, or refused to call it harmless. */
export function isAttack({ resolution, verdict }: JudgedFinding): boolean {
  return resolution === "true-positive" || verdict === "refused";
}
