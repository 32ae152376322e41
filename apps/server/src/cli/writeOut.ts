import { writeFileSync } from "node:fs";
import { UsageError } from "../config/UsageError.ts";

/** Writes `text` to what `--out` names, for its owner alone. Throws UsageError. */
export function writeOut(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600 });
  } catch (cause) {
    throw new UsageError(
      `"${file}" cannot be written: ${(cause as NodeJS.ErrnoException).code ?? cause}.`,
      "Allowed: a file in a folder that is there, and that you may write to.",
      "Correct --out.",
      { cause },
    );
  }
}
