import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../../config/UsageError.ts";

/** Throws UsageError where `file`, which `flag` names, could not be written: told before the work whose result would have no place. */
export function assertOutFile(flag: string, file: string | undefined): void {
  const fault = file === undefined ? undefined : faultOf(file);
  if (fault === undefined) return;
  throw new UsageError(
    `${flag} "${file}" cannot be written: ${fault}.`,
    "Allowed: a file in a folder that is there, and that you may write to.",
    `Make the folder, or correct ${flag}.`,
  );
}

function faultOf(file: string): string | undefined {
  if (file === "") return "it has no name";
  const folder = dirname(file);
  try {
    const there = statSync(file, { throwIfNoEntry: false });
    if (there?.isDirectory()) return "it is a folder";
    // A device or a pipe is written to where it stands.
    if (there !== undefined && !there.isFile()) return undefined;
    if (!statSync(folder).isDirectory()) return `"${folder}" is no folder`;
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? `there is no folder "${folder}"` : String(code ?? error);
  }
}
