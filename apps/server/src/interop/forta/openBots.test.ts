// A library of bots that takes long to load, as the real one does.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
