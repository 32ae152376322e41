import { dirname, resolve } from "node:path";
import { countOf } from "@testudo/core/model/countOf";
import { ConfigError } from "../../config/ConfigError.ts";
import { loadCalibration } from "../../config/loadCalibration.ts";
import type { CheckedPart } from "./CheckedPart.ts";
import type { Written } from "./Written.ts";

/** The calibration that a configuration names. Whether it fits chain and detectors shows where all is put together. */
export function checkCalibration({ file, checkedOf }: Written): readonly CheckedPart[] {
  const name = checkedOf("calibration");
  if (name === undefined) return [];
  try {
    const { chainId, detectors } = loadCalibration(resolve(dirname(file), name));
    const text = `${name}: ${countOf(detectors.length, "detector")} on chain ${chainId}`;
    return [{ part: "calibration", text, faults: [] }];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [{ part: "calibration", text: name, faults: error.mistakes }];
  }
}
