// Files that must be whole or absent, whatever happens meanwhile, and that only their owner may read where nothing else is said.
import { randomUUID } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, isAbsolute, sep } from "node:path";

/** Replaces `path` by `text`, or bytes, at once; after a crash either the old or the new one is there. Mode 0600. Throws `NoPlainFile`. */
export function replaceFile(path: string, text: string | Uint8Array): void {
  replaceWith(path, text, ownersMode);
}

/** The same with the mode that this account's new files have: for what is to be shown around. */
export function replaceOpenFile(path: string, text: string): void {
  replaceWith(path, text, 0o666);
}

function replaceWith(path: string, text: string | Uint8Array, mode: number): void {
  const place = placeOf(path);
  viaTemporary({ path: place, text, mode }, (temporary) => {
    renameSync(temporary, place);
    syncFolder(dirname(place));
  });
}

const ownersMode = 0o600;

/** Throws `NoPlainFile` where `replaceFile` would: told before work whose result would have no place. */
export function assertReplaceable(path: string): void {
  placeOf(path);
}

/** Where a link leads. A rename would take the place of a device, a pipe or the link itself, for everybody. */
function placeOf(path: string): string {
  const known = followed(path);
  if (known === undefined) return endOf(path);
  if (known.isDirectory()) throw new NoPlainFile(path, "EISDIR");
  if (!known.isFile()) throw new NoPlainFile(path, "EEXIST");
  return realpathSync(path);
}

function followed(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ELOOP") throw new NoPlainFile(path, "ELOOP", cause);
    throw cause;
  }
}

/** Where nothing is yet: `path`, or what the link there leads to. */
function endOf(path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return path;
  const to = readlinkSync(path);
  // `..` after a link is above what the link leads to: only the system knows, so that nothing is resolved as text.
  return endOf(isAbsolute(to) ? to : `${realpathSync.native(dirname(path))}${sep}${to}`);
}

/** Writes `path` at once if it is not there; false, and nothing changed, if it is. Mode 0600. */
export function writeNewFile(path: string, text: string): boolean {
  return viaTemporary({ path, text, mode: ownersMode }, (temporary) => {
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

interface Written {
  readonly path: string;
  readonly text: string | Uint8Array;
  readonly mode: number;
}

function viaTemporary<T>({ path, text, mode }: Written, publish: (temporary: string) => T): T {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.${randomUUID()}`;
  try {
    const file = openSync(temporary, "wx", mode);
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

const whatIsThere = {
  EISDIR: "is a folder, or leads to one",
  EEXIST: "is no plain file",
  ELOOP: "is a link that leads back to itself",
} as const;

/** A file is to be written where something else is. Not retryable as it is. */
export class NoPlainFile extends Error {
  override readonly name = "NoPlainFile";
  /** As of errors of the system: what could not be done. */
  readonly syscall = "rename";
  readonly code: keyof typeof whatIsThere;
  constructor(path: string, code: keyof typeof whatIsThere, cause?: unknown) {
    super(
      [
        `"${path}" ${whatIsThere[code]}, and is left as it is.`,
        "- Allowed: a file, a link to one, or a name that nothing has.",
        "- Name another one, or move what is there away.",
      ].join("\n"),
      { cause },
    );
    this.code = code;
  }
}
