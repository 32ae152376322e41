import type { Finding } from "../../model/Finding.ts";
import type { Resolution } from "../../model/FindingStatus.ts";

/** What a person said of a finding. */
export interface JudgedFinding {
  readonly finding: Finding;
  readonly resolution: Resolution;
  readonly actor: string;
  /** Why. A judgement without a reason counts nothing. */
  readonly note: string;
}

/** A path that somebody may put into `confirmed`. */
export interface ProposedPath {
  readonly hash: string;
  readonly path: string;
  readonly reasons: readonly { readonly finding: string; readonly actor: string; readonly note: string }[];
}

/**
 * The paths of unseen-path findings that were judged false or benign with a reason, for a second person to review: they are
 * learned only when somebody writes them into the detector's `confirmed` (FIND-08). A path that was ever a true positive
 * is left out.
 */
export function proposeConfirmed(judged: readonly JudgedFinding[]): ProposedPath[] {
  const own = judged.filter(({ finding }) => finding.detector === "unseen-path");
  const harmful = new Set(own.filter((j) => j.resolution === "true-positive").map((j) => `${j.finding.evidence.hash}`));
  const proposed = new Map<string, ProposedPath>();
  for (const { finding, resolution, actor, note } of own) {
    const hash = `${finding.evidence.hash}`;
    const isFalse = resolution === "false-positive" || resolution === "benign";
    if (!isFalse || note.trim() === "" || harmful.has(hash)) continue;
    const before = proposed.get(hash) ?? { hash, path: `${finding.evidence.path}`, reasons: [] };
    proposed.set(hash, { ...before, reasons: [...before.reasons, { finding: finding.id, actor, note }] });
  }
  return [...proposed.values()].sort((a, b) => (a.hash < b.hash ? -1 : 1));
}
