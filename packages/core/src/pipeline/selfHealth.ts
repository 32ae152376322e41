import type { DetectorUse } from "../model/Detector.ts";
import type { Finding, FindingDraft } from "../model/Finding.ts";
import type { Verdict } from "./judge.ts";

/**
 * Detector 27: findings about ourselves. It judges no block; the pipeline raises in its name. Evasion: whoever runs the machine
 * can silence what it says of itself, so that a heartbeat to others and a second watch stand beside it.
 */
export const selfHealth: DetectorUse = {
  meta: {
    id: "self-health",
    version: "1.0.0",
    class: "health",
    needs: { all: [] },
    finality: 1,
    runbook: "RUNBOOK.md#self-health",
    owner: "operator",
  },
  detect: () => undefined,
  settings: {},
};

/** Whether `finding` tells of a part of ours, not of a block: no block of the chain can take it back. */
export function isOfOurselves({ detector, evidence }: Pick<Finding, "detector" | "evidence">): boolean {
  return detector === selfHealth.meta.id && "trouble" in evidence;
}

const troubleWords = {
  threw: ["high", "threw"],
  "timed-out": ["high", "timed out"],
  died: ["high", "ended its thread"],
  "endless-reads": ["high", "asks for state without end"],
  "not-applicable": ["low", "cannot judge here"],
  degraded: ["info", "runs degraded"],
} as const;

/** What a detector's failure says of it. */
export function troubleDraft(detector: string, { what, message }: NonNullable<Verdict["trouble"]>): FindingDraft {
  const [severity, words] = troubleWords[what];
  return {
    severity,
    reason: `Detector ${detector} ${words}: ${message}`,
    subject: "0x0000000000000000000000000000000000000000",
    key: [detector, what],
    score: 1,
    evidence: { detector, what, message },
  };
}
