import { statSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../../config/UsageError.ts";
import { writeOut as writeWhole } from "../../operator/writeOut.ts";

/** Writes `text` whole, or not at all, to what `--out` names, for its owner alone. Throws UsageError. */
export function writeOut(file: string, text: string): void {
  try {
    // Replacing a file makes its folders, and a misspelt one is to be told.
    statSync(dirname(file));
    writeWhole(file, text);
  } catch (cause) {
    throw new UsageError(
      `"${file}" cannot be written: ${(cause as NodeJS.ErrnoException).code ?? cause}.`,
      "Allowed: a file in a folder that is there, and that you may write to.",
      "Correct --out.",
      { cause },
    );
  }
}
