import type { CalibrationCut, DetectorCalibration, ReviewedAlarm } from "../model/Calibration.ts";
import type { FalseAlarm } from "../model/FalseAlarm.ts";
import type { Feedback } from "../model/Feedback.ts";
import type { Hex } from "../model/Hex.ts";
import type { ScoreHistory } from "./ScoreHistory.ts";
import { incidentAt, witnessesOf } from "./Witness.ts";
import { toReviewed, weighAlarm } from "./weighAlarm.ts";

/** What false alarms are weighed against. */
export interface AlarmTerms {
  readonly chainId: number;
  readonly cuts: readonly Omit<CalibrationCut, "transactions">[];
  /** Incidents included. */
  readonly histories: readonly ScoreHistory[];
  /** As history alone has them. */
  readonly measured: readonly DetectorCalibration[];
  /** Detectors that learn a set of their own, with why they refused an alarm: such an alarm moves no threshold. */
  readonly learners: ReadonlyMap<string, ReadonlyMap<Hex, string>>;
}

/** The alarms of `feedback` that may be learned of at all: of this chain, and within no recorded incident. */
export function usableAlarms(
  { alarms }: Feedback,
  { chainId, cuts }: Pick<AlarmTerms, "chainId" | "cuts">,
): readonly FalseAlarm[] {
  return alarms.filter(({ finding }) => finding.chainId === chainId && !incidentAt(cuts, finding.timestamp));
}

/** Every accepted false alarm, with what it does to the thresholds or why it does nothing (FIND-08). */
export function takeAlarms(feedback: Feedback, terms: AlarmTerms): readonly ReviewedAlarm[] {
  const witnesses = witnessesOf(feedback, terms.histories, terms.cuts);
  return feedback.alarms.map((alarm) => {
    const { id, chainId, timestamp, detector, version, subject } = alarm.finding;
    const held = (why: string): ReviewedAlarm => ({ ...toReviewed(alarm), effects: [], heldBack: why });
    if (chainId !== terms.chainId) return held(`it is of chain ${chainId}`);
    const incident = incidentAt(terms.cuts, timestamp);
    if (incident !== undefined) return held(`it lies within a recorded incident: ${incident.reason}`);
    const refused = terms.learners.get(detector);
    if (refused?.has(id)) return held(`${refused.get(id)}`);
    if (refused !== undefined) return { ...toReviewed(alarm), effects: [], isLearned: true };
    const entry = terms.measured.find((one) => one.detector === detector && one.subject === subject);
    if (entry === undefined) return held("its detector or its contract is not measured");
    if (entry.version !== version) return held(`it is of version ${version}, measured is ${entry.version}`);
    return weighAlarm(alarm, entry.levels, witnesses);
  });
}

/** The thresholds that `taken` raises of one detector on one contract, by budget in ppm. */
export function raisedThresholds(
  { detector, subject }: Pick<DetectorCalibration, "detector" | "subject">,
  taken: readonly ReviewedAlarm[],
): ReadonlyMap<number, number> {
  const raised = new Map<number, number>();
  for (const alarm of taken)
    if (alarm.detector === detector && alarm.subject === subject)
      for (const { budgetPpm, before, after } of alarm.effects)
        if (after > before) raised.set(budgetPpm, Math.max(after, raised.get(budgetPpm) ?? 0));
  return raised;
}
