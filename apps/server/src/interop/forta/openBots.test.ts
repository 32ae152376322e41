// A library of bots that takes long to load, as the real one does.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BotBlock } from "./BotMessage.ts";

// The thread runs what was built.
const { openBots } = (await import(
  new URL("../../../dist/interop/forta/openBots.js", import.meta.url).href
)) as typeof import("./openBots.ts");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-bots-"));
  const sdk = join(folder, "node_modules", "forta-agent");
  mkdirSync(sdk, { recursive: true });
  const slow = "const until = performance.now() + 800; while (performance.now() < until);";
  writeFileSync(join(sdk, "index.js"), `${slow} module.exports = { createBlockEvent: (input) => input };`);
  const odd = `if (event.block.number % 2 === 1) throw new Error("bot is ill"); return [];`;
  writeFileSync(
    join(folder, "agent.js"),
    `require("forta-agent"); module.exports = { handleBlock: async (event) => { ${odd} } };`,
  );
  writeFileSync(
    join(folder, "hoarder.js"),
    `require("forta-agent"); const all = []; let blocks = 0; module.exports = { handleBlock: async () => {
      blocks += 1;
      for (let i = 0; i < 200_000; i += 1) all.push("seen " + i + " " + blocks);
      return [{ alertId: "A", name: String(blocks), description: "d", severity: 1, type: 1, protocol: "p", addresses: [], metadata: {} }];
    } };`,
  );
  const late = `setTimeout(() => { throw new Error("late"); }, 100); return [];`;
  writeFileSync(
    join(folder, "late.js"),
    `require("forta-agent"); module.exports = { handleBlock: async () => { ${late} } };`,
  );
  writeFileSync(join(folder, "broken.js"), `require("forta-agent"); throw new Error("does not load");`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open = (id: string, file: string) =>
  openBots({
    ...{ id, bots: [{ id: "one", module: join(folder, file) }], allowsNetwork: false, rpcUrl: undefined },
    limitMs: 2_000,
  });
const blockOf = (number: number) =>
  ({
    chainId: 1,
    block: { number, hash: `0x${number}`, parentHash: `0x${number - 1}`, timestamp: number },
    txs: [],
  }) as unknown as BotBlock;

test("DET-05: a bot that throws is loaded again meanwhile, and the next block does not wait for it", async () => {
  const bots = open("thrower", "agent.js");
  expect(() => bots.judge(blockOf(1))).toThrow("bot is ill");
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const startMs = performance.now();
  expect(bots.judge(blockOf(2))).toEqual([]);
  // Less than a detector may take in a watch.
  expect(performance.now() - startMs).toBeLessThan(250);
}, 20_000);

test("DET-05: bots that do not load are tried anew at each block, and told", () => {
  const bots = open("broken", "broken.js");
  for (const number of [2, 4]) expect(() => bots.judge(blockOf(number))).toThrow("does not load");
}, 20_000);

// Node 20 cannot be asked what a thread holds.
test.skipIf(!("getHeapStatistics" in Worker.prototype))(
  "DET-05: bots that remember more than they may are ended between two blocks and begin anew, and the process lives",
  async () => {
    const bots = openBots({
      ...{ id: "hoarder", bots: [{ id: "one", module: join(folder, "hoarder.js") }] },
      ...{ allowsNetwork: false, rpcUrl: undefined, limitMs: 10_000, memory: { heapMb: 64, outsideMb: 64 } },
    });
    const seen: string[] = [];
    for (let number = 1; number <= 12 && seen.lastIndexOf("1") <= 0; number += 1) {
      try {
        seen.push(`${bots.judge(blockOf(number))[0]?.name}`);
      } catch (error) {
        seen.push((error as Error).message.split("\n")[0]!);
      }
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    }
    // It counts its blocks. One block is told to be judged without it, and the next does not wait for it.
    const why = "the thread of the bots was ended: it took more than 64 MiB of memory.";
    expect(seen.slice(-2)).toEqual([`A bot of "hoarder" failed: ${why}`, "1"]);
  },
  60_000,
);

test("DET-05: bots that failed as others took their place do not end those", async () => {
  const before = open("same", "late.js");
  expect(before.judge(blockOf(2))).toEqual([]);
  // It fails meanwhile, and that is told once others are there.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  const after = open("same", "agent.js");
  expect(after.judge(blockOf(2))).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(after.judge(blockOf(4))).toEqual([]);
}, 20_000);
