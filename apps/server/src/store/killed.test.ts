import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { loadState } from "./loadState.ts";
import { openStore } from "./openStore.ts";
import { storeFixture } from "./storeFolder.testkit.ts";
import { verifyStore } from "./verifyStore.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);
// The built file: Node 20 runs no TypeScript. `npm test` builds first.
const writer = fileURLToPath(new URL("../../dist/store/killedWriter.testkit.js", import.meta.url));

/** Lets a process write into `folder` until it has named `lines` blocks, kills it `lateMs` later; the last named block. */
async function writeAndKill(folder: string, lines: number, lateMs: number): Promise<number> {
  const child = spawn(process.execPath, [writer, folder], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = new Promise((resolve) => child.once("close", resolve));
  let last = 0;
  let left = lines;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    left -= 1;
    if (left === 0) setTimeout(() => child.kill("SIGKILL"), lateMs);
  }
  await closed;
  return last;
}

test("STREAM-11: what was reported as stored survives kill -9, whole blocks only, and writing goes on", async () => {
  const folder = fixture.folder();
  let before = 0;
  // Odd delays, so that the kills fall into different places of a commit.
  for (const [lines, lateMs] of [
    [1, 0],
    [7, 3.3],
    [20, 7.7],
    [3, 1.9],
  ] as const) {
    const last = await writeAndKill(folder, lines, lateMs);
    expect(last).toBeGreaterThanOrEqual(before + lines);
    const store = await openStore(folder);
    const { cells, cursor, head, undo } = await loadState(store);
    // One more may be stored than was reported; then it is there as a whole.
    expect(head.sequence + 1 - last).toBeOneOf([0, 1]);
    const stands = head.sequence + 1;
    expect({ count: cells.get("count"), cursor: cursor?.number, undo: undo.length }).toEqual({
      count: stands,
      cursor: BigInt(stands),
      undo: stands,
    });
    expect((await verifyStore(store)).fault).toBeUndefined();
    await store.close();
    before = stands;
  }
}, 60_000);
