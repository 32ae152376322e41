import { dirname, resolve } from "node:path";
import { countOf } from "@testudo/core/model/countOf";
import type { DetectorUse } from "@testudo/core/model/Detector";
import { ConfigError, type Mistake } from "../../config/ConfigError.ts";
import { idTwice } from "../../config/loadConfig.ts";
import { readRules, readRulesText } from "../../rules/readRules.ts";
import type { CheckedPart } from "./CheckedPart.ts";
import type { Written } from "./Written.ts";

/** The rules files of a configuration, each with what it says and what is wrong with it. `own`: its other detectors. */
export function checkRules({ file, source, checkedOf }: Written, own: readonly DetectorUse[]): readonly CheckedPart[] {
  const names = checkedOf("rules") ?? [];
  if (names.length === 0) return [];
  const read = names.map((name) => readOne(resolve(dirname(file), name)));
  const twice = idTwice(
    source,
    own,
    read.flatMap(({ detectors }) => detectors),
  );
  const count = read.reduce((sum, { detectors }) => sum + detectors.length, 0);
  const faults = [...(twice === undefined ? [] : [twice]), ...read.flatMap((one) => one.faults)];
  return [{ part: "rules", text: `${countOf(count, "rule")} in ${names.join(", ")}`, faults }];
}

function readOne(file: string): { readonly detectors: readonly DetectorUse[]; readonly faults: readonly Mistake[] } {
  try {
    return { detectors: readRules(file, readRulesText(file)), faults: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { detectors: [], faults: error.mistakes };
  }
}
