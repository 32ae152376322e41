import { accessSync, constants, mkdirSync } from "node:fs";
import { UsageError } from "../../config/UsageError.ts";

/** Makes `folder`, which `named` names, before long work: what comes of it has to go somewhere. Throws UsageError. */
export function makeOutFolder(named: string, folder: string): void {
  try {
    if (folder === "") throw new Error("it has no name");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      `${named} is no folder to write to: ${said}.`,
      "Allowed: a folder that you may write to.",
      "Correct it.",
      { cause },
    );
  }
}
