import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../config/UsageError.ts";

/**
 * The files behind `paths`: a folder stands for the files in it that end in .json or .json.gz, in the order of their names.
 * Throws UsageError for what is not there, or where nothing is.
 */
export function listFiles(flag: string, paths: readonly string[]): string[] {
  const files = paths.flatMap((path) => filesAt(flag, path));
  if (files.length > 0) return files;
  throw new UsageError(
    `${flag} "${paths.join(" ")}" holds no file.`,
    "Allowed: files, or folders with files that end in .json or .json.gz.",
    "Correct the path.",
  );
}

function filesAt(flag: string, path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new UsageError(`${flag} "${path}" is not there.`, "Allowed: a file or a folder.", "Correct the path.");
  if (!stat.isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => /\.json(\.gz)?$/.test(name))
    .sort()
    .map((name) => join(path, name));
}
