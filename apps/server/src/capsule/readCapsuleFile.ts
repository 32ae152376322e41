import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import type { Capsule, CapsuleTransaction } from "@testudo/lab/record/Capsule";
import { capsuleFileMax, parseCapsule, parseTransactions } from "@testudo/lab/record/parseCapsule";
import { UsageError } from "../config/UsageError.ts";
import { refusingInput } from "./refusedInput.ts";

/** The capsule in the file `path`. Throws UsageError. */
export function readCapsuleFile(path: string): Promise<Capsule> {
  return refusingInput(() => parseCapsule(readBytes(path), path));
}

/** The transactions in the file `path`, for a capsule that holds state alone. Throws UsageError. */
export function readTransactionsFile(path: string): Promise<readonly CapsuleTransaction[]> {
  return refusingInput(() => parseTransactions(readBytes(path), path));
}

/** The bytes of the regular file `path`, at most those of the largest capsule. Throws UsageError. */
export function readBytes(path: string): Uint8Array {
  try {
    // A pipe that nobody writes to would hold the opening for ever.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { size } = regular(path, fstatSync(file));
      if (size > capsuleFileMax)
        throw refused(path, `has ${size} bytes`, `Allowed: up to ${capsuleFileMax}.`, "Record fewer transactions.");
      return readFileSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const what = code === "ENOENT" ? "is not there" : `cannot be read: ${code}`;
    throw refused(path, what, "Allowed: a file that this account may read.", "Check the name.", error);
  }
}

function regular<T extends { isFile(): boolean }>(path: string, stat: T): T {
  if (stat.isFile()) return stat;
  throw refused(path, "is no regular file", "Allowed: one file.", "Name a file.");
}

function refused(path: string, what: string, allowed: string, wayOut: string, cause?: unknown): UsageError {
  return new UsageError(`"${path}" ${what}.`, allowed, wayOut, { cause });
}
