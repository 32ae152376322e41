import { dirname, resolve } from "node:path";
import { mistakeOfError } from "../../config/ConfigError.ts";
import { placeOfValue } from "../../config/locate.ts";
import { assertFolder } from "../../store/readyFolder.ts";
import type { CheckedPart } from "./CheckedPart.ts";
import type { Written } from "./Written.ts";

/** The data folder, where it cannot be one. */
export function checkDataDir({ file, source, checkedOf }: Written): readonly CheckedPart[] {
  const dataDir = checkedOf("dataDir");
  if (dataDir === undefined) return [];
  try {
    assertFolder(resolve(dirname(file), dataDir));
    return [];
  } catch (error) {
    return [{ part: "data", text: dataDir, faults: [mistakeOfError(placeOfValue(source, ["dataDir"]), error)] }];
  }
}
