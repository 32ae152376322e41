import type { Action } from "@testudo/core/model/Action";
import { actionStates } from "@testudo/core/model/ActionStatus";
import type { Finding } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Commit } from "@testudo/core/model/Output";
import type { ActionCase, FindingCase } from "@testudo/core/pipeline/Case";
import { detectorOfUse } from "@testudo/core/pipeline/trackBudget";
import type { Metrics } from "./Metrics.ts";

/** When a commit's block was received and when it was durable, in Unix ms. */
export interface CommitTimes {
  readonly receivedAtMs?: number;
  readonly storedAtMs: number;
}

const actionTypes: readonly Action["type"][] = ["pause", "guardRule"];

/** Counts what is stored: blocks from `startedAtMs` (Unix ms) on, findings and what became of them, actions, and how fast. */
export function observeCommits(metrics: Metrics, startedAtMs: number) {
  const { findings, headToFinding, action, fpBudgetUsed, blockStored } = metrics;
  // A watch that never gets a block stands still as well.
  blockStored.set(startedAtMs / 1_000);
  // To Prometheus a count that begins at 1 has not increased: the first pause that failed would page nobody.
  for (const type of actionTypes) for (const result of actionStates) action.inc({ action: type, result }, 0);
  return (commit: Commit, { receivedAtMs, storedAtMs }: CommitTimes): void => {
    if (commit.undo !== null && "push" in commit.undo) blockStored.set(storedAtMs / 1_000);
    const known = findingsOf(commit);
    const types = actionTypesOf(commit);
    for (const [key, ratio] of commit.cells) {
      const detector = detectorOfUse(key);
      if (detector !== undefined) fpBudgetUsed.set({ detector }, Number(ratio ?? 0));
    }
    for (const record of commit.records) {
      if (record.kind === "FindingStatus") {
        const { detector, severity } = known.get(record.finding) ?? { detector: "unknown", severity: "info" };
        findings.inc({ detector, severity, status: record.transition });
      }
      if (record.kind === "ActionStatus")
        action.inc({ action: types.get(record.action) ?? "pause", result: record.state });
      // What history held was never seen to arrive.
      if (record.kind === "Finding" && record.phase === "live" && receivedAtMs !== undefined)
        headToFinding.observe(Math.max(0, storedAtMs - receivedAtMs) / 1_000);
    }
  };
}

// A status names its finding by id; the finding itself may be of long ago. Its case is written anew with each status.
function findingsOf({ records, cells }: Commit): ReadonlyMap<Hex, Finding> {
  const known = new Map<Hex, Finding>();
  for (const [key, value] of cells) {
    if (!key.startsWith("c/finding/") || value === undefined) continue;
    const { finding } = value as unknown as FindingCase;
    known.set(finding.id, finding);
  }
  for (const record of records) if (record.kind === "Finding") known.set(record.id, record);
  return known;
}

// As with findings: a status is stored with the case of its action.
function actionTypesOf({ cells }: Commit): ReadonlyMap<Hex, Action["type"]> {
  const types = new Map<Hex, Action["type"]>();
  for (const [key, value] of cells) {
    if (!key.startsWith("c/action/") || value === undefined) continue;
    const { action } = value as unknown as ActionCase;
    types.set(action.id, action.type);
  }
  return types;
}
