import type { DetectorUse } from "../model/Detector.ts";

/** Detector 27: findings about ourselves. It judges no block; the pipeline raises in its name. */
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
