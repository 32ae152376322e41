// Files that must be whole or absent, whatever happens meanwhile, and that only their owner may read.
import { randomUUID } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/** Replaces `path` by `text`, or bytes, at once; after a crash either the old or the new one is there. Mode 0600. */
export function replaceFile(path: string, text: string | Uint8Array): void {
  const place = placeOf(path);
  viaTemporary(place, text, (temporary) => {
    renameSync(temporary, place);
    syncFolder(dirname(place));
  });
}

/** Where a link leads. A rename would take the place of a device or of a pipe, for everybody. */
function placeOf(path: string): string {
  const known = statSync(path, { throwIfNoEntry: false });
  // The system itself puts no file in a folder's place.
  if (known === undefined || known.isDirectory()) return path;
  if (!known.isFile()) throw new NoPlainFile(path);
  return realpathSync(path);
}

/** A file is to be written where something else is. Not retryable as it is. */
class NoPlainFile extends Error {
  override readonly name = "NoPlainFile";
  /** As of errors of the system: what could not be done. */
  readonly syscall = "rename";
  constructor(path: string) {
    super(`"${path}" is no plain file, and is left as it is.`);
  }
}

/** Writes `path` at once if it is not there; false, and nothing changed, if it is. Mode 0600. */
export function writeNewFile(path: string, text: string): boolean {
  return viaTemporary(path, text, (temporary) => {
    try {
      // Unlike a rename, a link fails when the name is taken.
      linkSync(temporary, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
    syncFolder(dirname(path));
    return true;
  });
}

function viaTemporary<T>(path: string, text: string | Uint8Array, publish: (temporary: string) => T): T {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.${randomUUID()}`;
  try {
    const file = openSync(temporary, "wx", 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return publish(temporary);
  } finally {
    rmSync(temporary, { force: true });
  }
}

// The name of a file belongs to its folder: without this a crash may lose the name of bytes that are safe.
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
