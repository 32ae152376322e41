import { type Feedback, isAttack } from "../../model/Feedback.ts";
import type { Hex } from "../../model/Hex.ts";

/** Paths that reviewed false alarms would add to `confirmed`, and what was not taken. */
export interface ProposedPaths {
  readonly hashes: readonly string[];
  readonly refused: ReadonlyMap<Hex, string>;
}

const pathHash = /^0x[0-9a-f]{32}$/;

/**
 * The paths of unseen-path findings that one person marked as harmless and another accepted. They are learned only when a
 * calibration with them is applied (FIND-08). A path that was ever an attack is left out, and one by which the address only
 * loses: no review makes that usual.
 */
export function proposeConfirmed({ alarms, findings }: Feedback): ProposedPaths {
  const own = findings.filter(({ finding }) => finding.detector === "unseen-path");
  const harmful = new Set(own.filter(isAttack).map(({ finding }) => `${finding.evidence.hash}`));
  const hashes = new Set<string>();
  const refused = new Map<Hex, string>();
  for (const { finding } of alarms) {
    if (finding.detector !== "unseen-path") continue;
    const hash = `${finding.evidence.hash}`;
    if (!pathHash.test(hash)) refused.set(finding.id, "it names no path");
    else if (harmful.has(hash)) refused.set(finding.id, "the same path was an attack");
    else if (finding.evidence.onlyLoses !== false) refused.set(finding.id, "the address only loses by its path");
    else hashes.add(hash);
  }
  return { hashes: [...hashes].sort(), refused };
}
