import type { DetectorUse } from "../model/Detector.ts";

/** Under whose name the harm that a probe saw is told. It sees no blocks: what it says comes in as an input. */
export const probeFindings: DetectorUse = {
  meta: {
    id: "probe",
    version: "1.0.0",
    class: "damage",
    needs: { all: [] },
    finality: "finalized",
    runbook: "docs/requirements/preblock.md#a-probe-found-harm",
    owner: "protocol",
  },
  detect: () => undefined,
  settings: {},
};
