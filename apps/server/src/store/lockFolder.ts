// One process per data folder: PGlite has no lock of its own that a second process would respect.
import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRunning, startOf } from "./processStart.ts";

/** Who holds a folder. `startedAt` tells a process from a later one with the same id, `session` one in this process. */
interface Holder {
  readonly pid: number;
  readonly startedAt: string;
  readonly session: string;
}

// A number is reused fast in containers, where a restarted program often gets the same one.
const session = randomUUID();
const takeoverLimitMs = 10_000;

/**
 * Takes the exclusive lock of `folder` and returns what releases it. A lock left by a dead process is taken over.
 * Throws FolderLockedError while another process, or another store of this one, holds it.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, "lock");
  const own: Holder = { pid: process.pid, startedAt: startOf(process.pid), session };
  if (!tryCreate(path, own)) takeOver(folder, path, own);
  return () => {
    if (readHolder(path)?.session === session) rmSync(path, { force: true });
  };
}

/** Throws FolderLockedError while another process, or another store of this one, holds `folder`; takes nothing. */
export function assertUnlocked(folder: string): void {
  const holder = readHolder(join(folder, "lock"));
  if (holder && isAlive(holder)) throw new FolderLockedError(folder, holder.pid);
}

/** Two starters may both find a dead lock; only the one that creates the second file may remove it. */
function takeOver(folder: string, path: string, own: Holder): void {
  const guard = `${path}.takeover`;
  const age = ageMs(guard);
  if (age !== undefined && age > takeoverLimitMs) rmSync(guard, { force: true });
  if (!tryCreate(guard, own)) throw new FolderLockedError(folder, readHolder(guard)?.pid);
  try {
    const holder = readHolder(path);
    if (holder && isAlive(holder)) throw new FolderLockedError(folder, holder.pid);
    const temporary = `${path}.${own.pid}`;
    writeFileSync(temporary, JSON.stringify(own), { mode: 0o600 });
    renameSync(temporary, path);
  } finally {
    rmSync(guard, { force: true });
  }
}

/** Creates `path` with its whole content at once, or returns false when it exists: a link is atomic, a write is not. */
function tryCreate(path: string, holder: Holder): boolean {
  const temporary = `${path}.${holder.pid}.${randomUUID()}`;
  writeFileSync(temporary, JSON.stringify(holder), { mode: 0o600 });
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    unlinkSync(temporary);
  }
}

function isAlive(holder: Holder): boolean {
  return holder.pid === process.pid ? holder.session === session : isRunning(holder);
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

function ageMs(path: string): number | undefined {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}

/** Another process uses the data folder. */
export class FolderLockedError extends Error {
  override readonly name = "FolderLockedError";
  readonly pid: number | undefined;
  constructor(folder: string, pid: number | undefined) {
    super(
      `Data folder "${folder}" is in use by process ${pid ?? "(unknown)"}.\n` +
        "- One process at a time may use a data folder.\n" +
        `- Stop that process${pid === undefined ? "" : ` (kill ${pid})`}, ask it over HTTP, or give another folder with --data.`,
    );
    this.pid = pid;
  }
}
