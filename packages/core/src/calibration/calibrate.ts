import type { BlockRef } from "../model/BlockBundle.ts";
import type { Calibration, CalibrationCut } from "../model/Calibration.ts";
import type { DetectorUse } from "../model/Detector.ts";
import type { Feedback } from "../model/Feedback.ts";
import type { Address, Hex } from "../model/Hex.ts";
import type { Observed } from "../model/Observed.ts";
import { identify } from "../model/Record.ts";
import { calibrateDetector } from "./calibrateDetector.ts";
import { calibrateFlows, type FlowHistory } from "./calibrateFlows.ts";
import { correlate } from "./correlate.ts";
import { proposeSettings } from "./proposeSettings.ts";
import type { ScoreHistory } from "./ScoreHistory.ts";
import { raisedThresholds, takeAlarms, usableAlarms } from "./takeAlarms.ts";

/** What a calibration is made of. */
export interface CalibrationInput {
  readonly chainId: number;
  readonly watched: readonly Address[];
  readonly range: { readonly from: BlockRef; readonly to: BlockRef };
  readonly data: Hex;
  readonly detectors: readonly { readonly id: string; readonly version: string }[];
  readonly histories: readonly ScoreHistory[];
  readonly flows: readonly FlowHistory[];
  /** The detectors as they ran and what each observed, in one order; without them no settings are proposed. */
  readonly uses?: readonly DetectorUse[];
  readonly observed?: readonly Observed[];
  /** What people said of findings, and others reviewed (FIND-08); left out: nothing. */
  readonly feedback?: Feedback;
  /** Known incidents: what happened in them is not what is usual (CAL-03). */
  readonly cuts: readonly Omit<CalibrationCut, "transactions">[];
}

/** The calibration of all detectors over all contracts. The same history gives the same artefact, id included (CAL-05). */
export function calibrate(input: CalibrationInput): Calibration {
  const { chainId, watched, range, data, detectors } = input;
  const isCut = (timestamp: bigint) => input.cuts.some(({ from, to }) => timestamp >= from && timestamp <= to);
  const histories = input.histories.map(({ subject, transactions }) => ({
    subject,
    transactions: transactions.filter((tx) => !isCut(tx.timestamp)),
  }));
  const feedback = input.feedback ?? { alarms: [], findings: [] };
  const usable = { ...feedback, alarms: usableAlarms(feedback, input) };
  const measured = detectors.flatMap((detector) => histories.map((history) => calibrateDetector(detector, history)));
  const learners = new Map(
    (input.uses ?? []).flatMap(({ meta, learn }) => (learn ? [[meta.id, learn(usable).refused] as const] : [])),
  );
  const falseAlarms = takeAlarms(feedback, { ...input, measured, learners });
  return identify({
    kind: "Calibration" as const,
    from: [range.from.hash, range.to.hash, ...falseAlarms.map(({ review }) => review)],
    chainId,
    watched,
    range,
    data,
    cuts: input.cuts.map((cut) => ({ ...cut, transactions: countIn(cut, input.histories) })),
    ...(falseAlarms.length === 0 ? {} : { falseAlarms }),
    detectors: measured.map((entry) => {
      const raised = raisedThresholds(entry, falseAlarms);
      const history = histories.find(({ subject }) => subject === entry.subject)!;
      return raised.size === 0
        ? entry
        : calibrateDetector({ id: entry.detector, version: entry.version }, history, raised);
    }),
    // A window that spans a cut would take what stands on both sides for neighbours; the flows of a cut are no change at all.
    flows: input.flows.flatMap((flow) =>
      calibrateFlows({
        ...flow,
        changes: flow.changes.map((change) => (isCut(change.timestamp) ? { ...change, net: 0n } : change)),
      }),
    ),
    settings: proposeSettings(input.uses ?? [], input.observed ?? [], isCut, usable),
    correlations: pairsOf(detectors.map(({ id }) => id)).flatMap(([a, b]) => {
      const rho = correlate(histories, a, b);
      return rho === undefined ? [] : [[a, b, rho] as const];
    }),
  });
}

function countIn({ from, to }: Pick<CalibrationCut, "from" | "to">, histories: readonly ScoreHistory[]): number {
  return histories.reduce(
    (sum, { transactions }) => sum + transactions.filter((tx) => tx.timestamp >= from && tx.timestamp <= to).length,
    0,
  );
}

function pairsOf(ids: readonly string[]): readonly (readonly [string, string])[] {
  return ids.flatMap((a, i) => ids.slice(i + 1).map((b) => [a, b] as const));
}
