import type { DetectorUse } from "../model/Detector.ts";

/**
 * Under whose name a report of our own adversary is told. It sees no blocks: what it says comes in as an input. Evasion:
 * it finds what its search reaches; that it found nothing says nothing.
 */
export const adversaryFindings: DetectorUse = {
  meta: {
    id: "adversary",
    version: "1.0.0",
    class: "vulnerability",
    needs: { all: [] },
    finality: 1,
    runbook: "RUNBOOK.md#the-adversary-sent-a-report",
    owner: "protocol",
  },
  detect: () => undefined,
  settings: {},
};
