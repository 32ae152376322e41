import { readRules } from "testudo/rules/readRules";
import { rulesText } from "../detect/rulesLoad.mjs";

/** A watch of a rules file alone, compiled as `testudo watch --config` compiles it. */
export function createProgram({ rules, contracts }) {
  const detectors = readRules("bench.rules.yaml", rulesText(rules, contracts));
  return { chainId: 1, watched: [], detectors, playbooks: [], policy: null };
}
