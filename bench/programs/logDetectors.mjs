import { detectAdminChange } from "@testudo/core/detectors/detectAdminChange";
import { detectFlashLoan } from "@testudo/core/detectors/detectFlashLoan";
import { detectImpactThenUse } from "@testudo/core/detectors/detectImpactThenUse";
import { useDetector } from "@testudo/core/model/Detector";

/**
 * The detectors that judge by logs and transactions. Two of them judge better with call trees; here they are told that
 * they do without, as on a node that has none, so that none are fetched.
 */
export function createProgram({ chainId, protect }) {
  const detectors = [detectFlashLoan, detectImpactThenUse, detectAdminChange].map((detector) =>
    withoutTraces(useDetector(detector)),
  );
  return { chainId, watched: protect, detectors, playbooks: [], policy: null };
}

function withoutTraces(use) {
  const { all, degraded = [] } = use.meta.needs;
  const needs = { all, degraded: degraded.filter((scope) => scope !== "T") };
  return { ...use, meta: { ...use.meta, needs } };
}
