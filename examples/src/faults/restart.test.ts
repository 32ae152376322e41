// What happened on the chain while the watch was down, and an action that waits to be sent.

import { sleep } from "@testudo/chain/rpc/sleep";
import { serveChanged } from "@testudo/chain/testkit/faultyNode.testkit";
import { afterEach, expect, test } from "vitest";
import { makeFolder, openTill, tillHolds, watchTill } from "./till.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test.each([
  ["a longer", 3],
  ["one as long", 0],
])(
  "GATE-02: a pause whose cause was orphaned for %s chain while the watch was down is not sent at the next start",
  async (_, longer) => {
    const folder = makeFolder();
    const world = await openTill();
    closers.push(folder.remove, world.close);
    const ask = (method: string, ...params: unknown[]) => world.endpoint.request(method, params);
    await ask("anvil_setBalance", world.sender.address, "0x0");
    const head = await world.mine(6);
    const before = await ask("evm_snapshot");
    const first = await watchTill(world, folder.path);
    closers.push(first.stop);
    await first.until(() => first.head() >= head);
    await world.send(await world.theft(tillHolds / 2n));
    await world.mine();
    await first.until(() => first.states().includes("dropped"), { mineMs: 1_500 });
    const seen = first.head();
    await first.stop();
    await ask("evm_revert", before);
    await ask("anvil_setBlockTimestampInterval", 3);
    while ((await world.mine()) < seen + longer);
    await ask("anvil_setBalance", world.sender.address, "0xde0b6b3a7640000");
    // Whoever is far away tells of the branch some time after its head.
    const far = await serveChanged(world.rpcUrl, async ({ method, params: [block] }, answer) => {
      if (method === "eth_getBlockByNumber" && String(block).startsWith("0x")) await sleep(1_000);
      return answer;
    });
    closers.push(far.close);
    const second = await watchTill(world, folder.path, { mode: "as-it-is", rpc: [far.url] });
    closers.push(second.stop);
    await second.until(() => second.states().includes("stale"), { mineMs: 1_500, withinMs: 30_000 });
    await world.mine(2);
    expect([await world.sentBySender(), await world.pauses()]).toEqual([0, []]);
  },
);

test("LAB-22: a rule whose deadline passed while the watch was down is not set at the next start, though it would still run", async () => {
  const folder = makeFolder();
  const world = await openTill();
  closers.push(folder.remove, world.close);
  const ask = (method: string, ...params: unknown[]) => world.endpoint.request(method, params);
  await ask("anvil_setBalance", world.sender.address, "0x0");
  const head = await world.mine(6);
  const options = { guardians: 0, rule: { program: world.sender.address, most: 1_000n, seconds: 40_000 } };
  const first = await watchTill(world, folder.path, options);
  closers.push(first.stop);
  await first.until(() => first.head() >= head);
  await world.send(await world.theft(tillHolds / 2n));
  await world.mine();
  await first.until(() => first.states().includes("dropped"), { mineMs: 1_500 });
  await first.stop();
  // Days of blocks to judge, as far as the test is concerned.
  await ask("anvil_mine", "0x190");
  const { timestamp } = (await ask("eth_getBlockByNumber", "latest", false)) as { timestamp: string };
  await ask("evm_setNextBlockTimestamp", Number(timestamp) + 3_700);
  const newest = await world.mine();
  await ask("anvil_setBalance", world.sender.address, "0xde0b6b3a7640000");
  const second = await watchTill(world, folder.path, { ...options, mode: "as-it-is" });
  closers.push(second.stop);
  await second.until(() => second.head() >= newest, { withinMs: 60_000 });
  const over = ["stale", "active"];
  await second.until(() => second.states().some((state) => over.includes(state)), { mineMs: 1_500, withinMs: 30_000 });
  expect([second.states().at(-1), await world.sentBySender()]).toEqual(["stale", 0]);
});
