import { statSync } from "node:fs";
import { UsageError } from "../config/UsageError.ts";

/** Throws FileExposed when others than the owner may read or write `path`. Windows has no such bits and is not checked. */
export function assertPrivate(path: string): void {
  const mode = exposureOf(path);
  if (mode !== undefined) throw new FileExposed(path, mode);
}

/** The permission bits of `path` when others than the owner have any, else undefined. */
export function exposureOf(path: string): number | undefined {
  const { mode } = statSync(path);
  return process.platform !== "win32" && (mode & 0o077) !== 0 ? mode & 0o777 : undefined;
}

/** A file that holds a secret can be read by others. */
export class FileExposed extends UsageError {
  override readonly name = "FileExposed";
  constructor(path: string, mode: number) {
    super(
      `"${path}" has mode ${mode.toString(8).padStart(4, "0")}: others on this machine may read or change it.`,
      "Allowed: 0600, for its owner only.",
      `Run: chmod 600 "${path}". If others have accounts here, take the key for known to them and make a new one.`,
    );
  }
}
