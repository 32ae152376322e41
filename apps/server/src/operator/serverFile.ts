// How other commands find the running server, and prove that they may read its folder.
import { randomBytes } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "./writeFile.ts";

const serverSchema = z.strictObject({
  host: z.string().default("127.0.0.1"),
  port: z.int().min(1).max(65_535),
  pid: z.int().min(1),
  token: z.string().regex(/^[0-9a-f]{64}$/),
});

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
  replaceFile(serverFilePath(dataDir), `${JSON.stringify(serverSchema.parse(server))}\n`);
}

/** The server of `dataDir`; undefined when there is none, its process has gone, or the file cannot be read. */
export function readServerFile(dataDir: string): ServerFile | undefined {
  try {
    const server = serverSchema.parse(JSON.parse(readFileSync(serverFilePath(dataDir), "utf8")));
    return isAlive(server.pid) ? server : undefined;
  } catch {
    return undefined;
  }
}

/** Takes the file away, if it is this process's own. */
export function removeServerFile(dataDir: string): void {
  if (readServerFile(dataDir)?.pid === process.pid) rmSync(serverFilePath(dataDir), { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and belongs to someone else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
