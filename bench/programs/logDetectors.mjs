import { createProgram as createWhole } from "./allDetectors.mjs";

// It says what was lost, and asks for holdings wherever the protected addresses take part.
const damageJudge = "asset-drain";

/**
 * The detectors of the catalogue that judge by logs and transactions. Most of them judge better with call trees; here they
 * are told that they do without, as on a node that has none, so that none are fetched.
 */
export function createProgram(params) {
  const { composite: _, ...whole } = createWhole(params);
  const detectors = whole.detectors.filter(isLogScope).map(withoutTraces);
  return { ...whole, detectors };
}

function isLogScope({ meta }) {
  return meta.id !== damageJudge && meta.needs.all.every((scope) => ["X", "L", "H"].includes(scope));
}

function withoutTraces(use) {
  const { all, degraded = [] } = use.meta.needs;
  const needs = { all, degraded: degraded.filter((scope) => scope !== "T") };
  return { ...use, meta: { ...use.meta, needs } };
}
