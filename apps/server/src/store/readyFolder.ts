import { chmodSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Makes the data folder where it is not there yet, and closes it to all but its owner. Throws FolderUnusable. */
export function readyFolder(folder: string): void {
  assertFolder(folder);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch (cause) {
    throw new FolderUnusable(folder, `cannot be made: ${(cause as NodeJS.ErrnoException).code}`, cause);
  }
}

/** Throws FolderUnusable where something that is no folder stands in the place of the data folder, or above it; makes nothing. */
export function assertFolder(folder: string): void {
  const whole = resolve(folder);
  for (let path = whole; ; path = dirname(path)) {
    const found = kindOf(path);
    if (found === "other")
      throw new FolderUnusable(folder, path === whole ? "is no folder" : `lies below "${path}", which is no folder`);
    // A root is there or nothing is.
    if (found === "folder" || path === dirname(path)) return;
  }
}

function kindOf(path: string): "folder" | "other" | undefined {
  try {
    return statSync(path).isDirectory() ? "folder" : "other";
  } catch {
    return undefined;
  }
}

/** The data folder is none, or cannot be made. */
export class FolderUnusable extends Error {
  override readonly name = "FolderUnusable";
  constructor(folder: string, what: string, cause?: unknown) {
    super(
      `Data folder "${folder}" ${what}.\n` +
        "- Allowed: a folder of this account, or one that is not there yet.\n" +
        "- Name another: --data, or `dataDir` in the configuration.",
      cause === undefined ? {} : { cause },
    );
  }
}
