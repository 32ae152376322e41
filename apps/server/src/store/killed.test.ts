import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { listOpenTransactions } from "./leaseNonce.ts";
import { loadState } from "./loadState.ts";
import { openStore } from "./openStore.ts";
import { storeFixture } from "./storeFolder.testkit.ts";
import { verifyStore } from "./verifyStore.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);

/**
 * Runs the built `program` (Node 20 runs no TypeScript; `npm test` builds first) until it has printed `lines` lines, kills it
 * `lateMs` later and returns all that it printed.
 */
async function runAndKill(program: string, args: string[], lines: number, lateMs: number): Promise<string[]> {
  const path = fileURLToPath(new URL(`../../dist/store/${program}.testkit.js`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = new Promise((resolve) => child.once("close", resolve));
  const printed: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    printed.push(line);
    if (printed.length === lines) setTimeout(() => child.kill("SIGKILL"), lateMs);
  }
  await closed;
  return printed;
}

// Odd delays, so that the kills fall into different places of a transaction.
const kills = [
  [1, 0],
  [9, 3.3],
  [3, 1.9],
] as const;

test("STREAM-11: what was reported as stored survives kill -9, whole blocks only, and writing goes on", async () => {
  const folder = fixture.folder();
  let before = 0;
  for (const [lines, lateMs] of kills) {
    const last = Number((await runAndKill("killedWriter", [folder], lines, lateMs)).at(-1));
    expect(last).toBeGreaterThanOrEqual(before + lines);
    const store = await openStore(folder);
    const { cells, cursor, head, undo } = await loadState(store);
    // One more may be stored than was reported; then it is there as a whole.
    const stands = head.sequence + 1;
    expect(stands - last).toBeOneOf([0, 1]);
    const found = { count: cells.get("count"), cursor: cursor?.number, undo: undo.length };
    expect(found).toEqual({ count: stands, cursor: BigInt(stands), undo: stands });
    expect((await verifyStore(store)).fault).toBeUndefined();
    await store.close();
    before = stands;
  }
});

test("RESP-08: a sender killed anywhere leaves nonces without hole or double, and bytes that it gave out stay", async () => {
  const folder = fixture.folder();
  const given: { action: string; nonce: number; hash: string }[] = [];
  for (const [run, [lines, lateMs]] of kills.entries()) {
    const printed = await runAndKill("killedSender", [folder, String(run)], lines, lateMs);
    given.push(...printed.map((line) => JSON.parse(line) as (typeof given)[number]));
    const store = await openStore(folder);
    const stored = await listOpenTransactions(store);
    expect(stored.map((tx) => tx.nonce)).toEqual(stored.map((_, nonce) => nonce));
    expect(new Set(stored.map((tx) => tx.action)).size).toBe(stored.length);
    for (const { action, nonce, hash } of given) expect(stored[nonce]).toMatchObject({ action, hash });
    expect((await verifyStore(store)).fault).toBeUndefined();
    await store.close();
  }
});
