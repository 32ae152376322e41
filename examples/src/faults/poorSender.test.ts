// The sender has no money for gas when people have signed, and is sent some.
import { afterEach, expect, test } from "vitest";
import { makeFolder, openTill, tillHolds, watchTill } from "./till.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test("RESP-08: a sender without money says so, and its pause goes out once it is sent some, over a restart too", async () => {
  const folder = makeFolder();
  const world = await openTill();
  closers.push(folder.remove, world.close);
  const fund = (wei: string) => world.endpoint.request("anvil_setBalance", [world.sender.address, wei]);
  const head = await world.mine(6);
  await fund("0x0");
  const first = await watchTill(world, folder.path);
  closers.push(first.stop);
  await first.until(() => first.head() >= head);
  await world.send(await world.theft(tillHolds / 2n));
  await world.mine();
  await first.until(() => first.states().includes("dropped"), { mineMs: 1_500 });
  const notes = first.commits.flatMap(({ records }) =>
    records.flatMap((record) => (record.kind === "ActionStatus" && record.state === "dropped" ? record.note : [])),
  );
  expect(notes[0]).toMatch(
    new RegExp(
      `^it is tried on: the sender ${world.sender.address} has 0 ether, and a block takes its transaction for 0\\.\\d+ at least: send it gas money$`,
    ),
  );
  // What a block would not take was never signed.
  expect(first.states()).not.toContain("signed");
  await first.stop();
  const second = await watchTill(world, folder.path, { mode: "as-it-is" });
  closers.push(second.stop);
  await fund("0xde0b6b3a7640000");
  await second.until(() => second.states().includes("active"), { mineMs: 1_500 });
  expect(await world.pauses()).toHaveLength(1);
  expect(await world.sentBySender()).toBe(1);
});

test("RESP-05: a pause that its sender never had money for does not cool off once its deadline has passed", async () => {
  const folder = makeFolder();
  const world = await openTill();
  closers.push(folder.remove, world.close);
  const ask = (method: string, ...params: unknown[]) => world.endpoint.request(method, params);
  await ask("anvil_setBalance", world.sender.address, "0x0");
  const head = await world.mine(6);
  const watch = await watchTill(world, folder.path);
  closers.push(watch.stop);
  await watch.until(() => watch.head() >= head);
  await world.send(await world.theft(tillHolds / 4n));
  await world.mine();
  await watch.until(() => watch.states().includes("dropped"), { mineMs: 1_500 });
  const { timestamp } = (await ask("eth_getBlockByNumber", "latest", false)) as { timestamp: string };
  await ask("evm_setNextBlockTimestamp", Number(timestamp) + 3_700);
  await world.mine();
  await watch.until(() => watch.states().includes("stale"), { withinMs: 30_000 });
  await ask("anvil_setBalance", world.sender.address, "0xde0b6b3a7640000");
  await watch.until(() => watch.states().includes("active"), { mineMs: 1_500, withinMs: 30_000 });
  expect(await world.pauses()).toHaveLength(1);
});

test("RESP-08: bytes that no node takes any more, for what a block asks since, are signed anew under the same nonce", async () => {
  const folder = makeFolder();
  const world = await openTill();
  closers.push(folder.remove, world.close);
  const ask = (method: string, ...params: unknown[]) => world.endpoint.request(method, params);
  const head = await world.mine(6);
  // Enough for a block of now, and no more.
  const { baseFeePerGas } = (await ask("eth_getBlockByNumber", "latest", false)) as { baseFeePerGas: string };
  const gas = 360_000n;
  await ask("anvil_setBalance", world.sender.address, `0x${((BigInt(baseFeePerGas) * gas * 3n) / 2n).toString(16)}`);
  const watch = await watchTill(world, folder.path);
  closers.push(watch.stop);
  await watch.until(() => watch.head() >= head);
  await world.send(await world.theft(tillHolds / 2n));
  await world.mine();
  await watch.until(() => watch.states().includes("broadcast"));
  await ask("anvil_dropAllTransactions");
  await ask("anvil_setNextBlockBaseFeePerGas", `0x${(BigInt(baseFeePerGas) * 20n).toString(16)}`);
  await world.mine();
  await watch.until(() => watch.states().includes("dropped"));
  await ask("anvil_setBalance", world.sender.address, "0xde0b6b3a7640000");
  const rowsOf = () => watch.watch.store.db.selectFrom("transactions").select("nonce").execute();
  // Without a block, in which the price would fall.
  await watch.until(async () => (await rowsOf()).length > 1);
  await watch.until(() => watch.states().includes("active"), { mineMs: 1_500 });
  const rows = await rowsOf();
  expect(new Set(rows.map(({ nonce }) => nonce))).toEqual(new Set([0]));
  expect(rows.length).toBeLessThan(5);
  expect(await world.sentBySender()).toBe(1);
});
