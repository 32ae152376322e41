import { measureBackScan } from "./measureBackScan.mjs";
import { measureBlocks } from "./measureBlocks.mjs";
import { measureCapsules } from "./measureCapsules.mjs";
import { measureDetectRequests } from "./measureDetectRequests.mjs";
import { measureInclusion } from "./measureInclusion.mjs";
import { measureRules } from "./measureRules.mjs";
import { measureTraces } from "./measureTraces.mjs";

/**
 * The parts, in the order in which they run. Each gives its figures with `aims`, a list of {name, aim, measured, reached}, or
 * {skipped: reason} where its data or peer is not there.
 */
const parts = {
  capsules: measureCapsules,
  traces: measureTraces,
  blocks: measureBlocks,
  backScan: measureBackScan,
  rules: measureRules,
  inclusion: measureInclusion,
  detectRequests: measureDetectRequests,
};

export const partNames = Object.keys(parts);

export function runPart(name, context) {
  return parts[name](context);
}
