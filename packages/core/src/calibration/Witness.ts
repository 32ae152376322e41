// What was heard before, and is looked at before a threshold is raised: would it still be?
import type { CalibrationCut } from "../model/Calibration.ts";
import { type Feedback, isAttack } from "../model/Feedback.ts";
import type { Address, Hex } from "../model/Hex.ts";
import type { ScoreHistory } from "./ScoreHistory.ts";

/** Something that a detector said of a contract. */
export interface Witness {
  readonly detector: string;
  readonly subject: Address;
  readonly score: number;
  readonly what: string;
  readonly finding?: Hex;
  /** An attack or a recorded incident: no false alarm may hide it. */
  readonly mustStay: boolean;
}

type Range = Pick<CalibrationCut, "from" | "to" | "reason">;

/**
 * What `feedback` and the incidents that are cut out of `histories` hold. Of an incident the loudest score of each detector
 * counts: that is how it was found. Accepted false alarms are none.
 */
export function witnessesOf(
  { alarms, findings }: Feedback,
  histories: readonly ScoreHistory[],
  cuts: readonly Range[],
): readonly Witness[] {
  const harmless = new Set(alarms.map(({ finding }) => finding.id));
  const told = findings.flatMap((judged): Witness[] => {
    const { id, detector, subject, score, blockNumber } = judged.finding;
    if (harmless.has(id)) return [];
    const mustStay = isAttack(judged);
    const word = judged.resolution === "true-positive" ? ", an attack" : mustStay ? ", refused as a false alarm" : "";
    return [{ detector, subject, score, what: `${detector} in block ${blockNumber}${word}`, finding: id, mustStay }];
  });
  return [...told, ...cuts.flatMap((cut) => loudestIn(cut, histories, findings))];
}

/** The incident that `timestamp` lies in, if any. */
export function incidentAt(cuts: readonly Range[], timestamp: bigint): Range | undefined {
  return cuts.find(({ from, to }) => timestamp >= from && timestamp <= to);
}

function loudestIn(cut: Range, histories: readonly ScoreHistory[], findings: Feedback["findings"]): readonly Witness[] {
  const loudest = new Map<string, Witness>();
  const note = (detector: string, subject: Address, score: number) => {
    const key = `${detector} ${subject}`;
    if (score > (loudest.get(key)?.score ?? 0))
      loudest.set(key, { detector, subject, score, what: `the incident "${cut.reason}"`, mustStay: true });
  };
  for (const { subject, transactions } of histories)
    for (const { timestamp, scores } of transactions)
      if (incidentAt([cut], timestamp)) for (const [id, score] of Object.entries(scores)) note(id, subject, score);
  // Incidents of before the range are known by their findings alone.
  for (const { finding } of findings)
    if (incidentAt([cut], finding.timestamp)) note(finding.detector, finding.subject, finding.score);
  return [...loudest.values()];
}
