// How much of its budget a calibrated detector uses, measured as it was calibrated: transactions of the contract over which it
// scored above its level, of all of the contract's own, in the last 7 days of the chain.

import { levelInUse } from "../calibration/levelInUse.ts";
import { isAbove } from "../calibration/pValueOf.ts";
import type { Calibration, DetectorCalibration } from "../model/Calibration.ts";
import type { FindingDraft } from "../model/Finding.ts";
import type { Address, Hex } from "../model/Hex.ts";
import { budgetsPpm, neededFor } from "../model/Ladder.ts";
import { type Cells, type Draft, memoryOf, openDraft } from "../model/Memory.ts";
import { touchedBy } from "../signs/touchedBy.ts";
import type { Judgement, Verdict } from "./judge.ts";

const spanSeconds = 7 * 86_400;
const slices = 28;
/** A rate above this many budgets is drift (CAL-05). */
const driftAt = 2;

/** What was measured on a block: writes, and what has drifted. */
export interface BudgetUse {
  readonly writes: Draft;
  readonly drifts: readonly FindingDraft[];
}

/** Measures one live block. Blocks of history are what the calibration was made of. */
export function trackBudget(
  calibration: Calibration,
  cells: Cells,
  { bundle, views, phase }: Judgement,
  verdicts: readonly Verdict[],
): BudgetUse {
  const writes = openDraft(cells);
  if (phase === "history") return { writes, drifts: [] };
  const { timestamp } = bundle.ref;
  const memory = memoryOf(writes, "k/", timestamp);
  if (memory.get("since") === undefined) memory.set("since", timestamp);
  const isLongEnough = timestamp - (memory.get("since") as bigint) >= BigInt(spanSeconds);
  const touched = countTouched(calibration.watched, views);
  const totals = new Map<Address, number>();
  for (const subject of calibration.watched)
    totals.set(subject, Number(memory.window(`n/${subject}`, spanSeconds, BigInt(touched.get(subject) ?? 0), slices)));
  const ratios = new Map<string, number>();
  const drifts: FindingDraft[] = [];
  for (const entry of calibration.detectors) {
    const level = levelInUse(entry.levels, budgetsPpm.alert);
    const drafts = verdicts.find(({ use }) => use.meta.id === entry.detector)?.drafts;
    if (level === undefined || drafts === undefined) continue;
    const hits = Number(
      memory.window(`h/${entry.detector}/${entry.subject}`, spanSeconds, BigInt(hitsOf(entry, drafts)), slices),
    );
    const total = totals.get(entry.subject) ?? 0;
    const ratio = total === 0 ? 0 : (hits / total / level.budgetPpm) * 1_000_000;
    ratios.set(entry.detector, Math.max(ratio, ratios.get(entry.detector) ?? 0));
    if (isLongEnough && ratio > driftAt && total >= neededFor(level.budgetPpm))
      drifts.push(driftDraft(calibration.id, entry, { hits, total, ratio, budgetPpm: level.budgetPpm }));
  }
  for (const [detector, ratio] of ratios)
    if (memory.get(`used/${detector}`) !== ratio) memory.set(`used/${detector}`, ratio);
  return { writes, drifts };
}

/** Whose drift it is, as a cell's key names it; undefined for other cells. */
export function detectorOfUse(key: string): string | undefined {
  return key.startsWith("k/used/") ? key.slice("k/used/".length) : undefined;
}

function countTouched(watched: readonly Address[], views: Judgement["views"]): ReadonlyMap<Address, number> {
  const set = new Set(watched);
  const counts = new Map<Address, number>();
  for (const view of views)
    for (const address of touchedBy(view, set)) counts.set(address, (counts.get(address) ?? 0) + 1);
  return counts;
}

function hitsOf(entry: DetectorCalibration, drafts: readonly FindingDraft[]): number {
  const above = drafts.filter((d) => d.subject === entry.subject && isAbove(entry, budgetsPpm.alert, d.score));
  // Several findings on one transaction are one; what names no transaction is one of its block.
  return new Set(above.map(({ txHash }) => txHash ?? "block")).size;
}

function driftDraft(
  calibration: Hex,
  { detector, subject }: DetectorCalibration,
  measured: { readonly hits: number; readonly total: number; readonly ratio: number; readonly budgetPpm: number },
): FindingDraft {
  const { hits, total, ratio, budgetPpm } = measured;
  return {
    severity: "medium",
    reason: `${detector} fired on ${hits} of ${total} transactions in 7 days, ${ratio.toFixed(1)} times its budget; run testudo calibrate for a new calibration.`,
    subject,
    key: ["calibration-drift", detector],
    score: Math.min(1, ratio / 10),
    evidence: { trouble: "calibration-drift", endpoint: detector, calibration, hits, transactions: total, budgetPpm },
  };
}
