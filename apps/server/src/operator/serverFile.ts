// How other commands find the running server, and prove that they may read its folder.
import { randomBytes } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isRunning, startOf } from "../store/processStart.ts";
import { replaceFile } from "./writeFile.ts";

const serverSchema = z.strictObject({
  host: z.string().default("127.0.0.1"),
  port: z.int().min(1).max(65_535),
  pid: z.int().min(1),
  token: z.string().regex(/^[0-9a-f]{64}$/),
});

// Tells the process from a later one with the same id, which would lock everybody out. Not told by older servers.
const storedSchema = serverSchema.extend({ startedAt: z.string().default("") });

/** Where a server listens and the token that lets a command in. */
export type ServerFile = z.output<typeof serverSchema>;

export function serverFilePath(dataDir: string): string {
  return join(dataDir, "server.json");
}

/** A fresh token: 32 random bytes. */
export function newToken(): string {
  return randomBytes(32).toString("hex");
}

export function writeServerFile(dataDir: string, server: ServerFile): void {
  replaceFile(
    serverFilePath(dataDir),
    `${JSON.stringify({ ...serverSchema.parse(server), startedAt: startOf(server.pid) })}\n`,
  );
}

/** The server of `dataDir`; undefined when there is none, its process has gone, or the file cannot be read. */
export function readServerFile(dataDir: string): ServerFile | undefined {
  try {
    const { startedAt, ...server } = storedSchema.parse(JSON.parse(readFileSync(serverFilePath(dataDir), "utf8")));
    return isRunning({ pid: server.pid, startedAt }) ? server : undefined;
  } catch {
    return undefined;
  }
}

/** Takes the file away, if it is this process's own. */
export function removeServerFile(dataDir: string): void {
  if (readServerFile(dataDir)?.pid === process.pid) rmSync(serverFilePath(dataDir), { force: true });
}
