import { forward, refusal, serveCalls } from "@testudo/chain/testkit/faultyNode.testkit";
import type { Hex } from "@testudo/core/model/Hex";
import { verifyStore } from "testudo/store/verifyStore";
import { parseTransaction } from "viem/utils";
import { afterEach, expect, test } from "vitest";
import {
  makeFolder,
  openTill,
  type TillWatch,
  type TillWorld,
  thiefAddress,
  tillHolds,
  watchTill,
} from "./till.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function play(options: Parameters<typeof watchTill>[2] = {}): Promise<{ world: TillWorld; seen: TillWatch }> {
  const folder = makeFolder();
  closers.push(folder.remove);
  const world = await openTill();
  closers.push(world.close);
  const head = await world.mine(25);
  const seen = await watchTill(world, folder.path, options);
  closers.push(seen.stop);
  await seen.until(() => seen.head() >= head);
  return { world, seen };
}

const stored = ({ watch }: TillWatch) =>
  watch.store.db.selectFrom("transactions").select(["action", "nonce", "hash", "raw"]).execute();

test.each([3, 20])(
  "STREAM-02, RESP-10: a reorg of depth %i takes alerts back, raises them again, and the same bytes pause once",
  async (depth) => {
    const { world, seen } = await play();
    const theft = await world.theft(tillHolds / 2n);
    await world.send(theft);
    const robbed = await world.mine();
    await seen.until(() => seen.states().includes("broadcast"));
    await world.mine();
    await seen.until(() => seen.states().includes("active"));
    const before = await stored(seen);
    const [pause] = await world.pauses();
    expect(pause!.blockNumber).toBe(robbed + 1);
    // The theft's block is the oldest that falls away; only the theft comes back with the new blocks, one later than it was.
    await world.mine(depth - 2);
    await seen.until(async () => seen.head() === Number(await world.endpoint.request("eth_blockNumber")));
    await world.endpoint.request("anvil_reorg", [depth, [[theft, 1]]]);
    expect(await world.pauses()).toEqual([]);
    expect(await world.sentBySender()).toBe(0);
    await seen.until(() => seen.states().filter((state) => state === "active").length === 2, { mineMs: 150 });
    await world.mine(2);
    await seen.until(
      () =>
        seen.findings().filter((line) => /^invariant-till-solvent (raised-again|relocated)$/.test(line)).length === 1,
    );
    expect(seen.states()).toEqual([
      "proposed",
      "simulated",
      "approved",
      "signed",
      "broadcast",
      "active",
      "broadcast",
      "active",
    ]);
    const told = seen.findings().filter((line) => line.startsWith("invariant-till-solvent"));
    expect(told.slice(0, 1)).toEqual(["invariant-till-solvent raised"]);
    expect(told.filter((line) => line.endsWith("retracted"))).toHaveLength(1);
    expect(await stored(seen)).toEqual(before);
    expect((await world.pauses()).map(({ txHash }) => txHash)).toEqual([pause!.txHash]);
    expect(await world.sentBySender()).toBe(1);
    const withdrawn = (await world.endpoint.request("eth_getTransactionCount", [thiefAddress, "latest"])) as string;
    expect(Number(withdrawn)).toBe(1);
  },
);

test("RESP-10: a pause that a reorg takes away before its block is judged is sent again as it was", async () => {
  const { world, seen } = await play();
  await world.send(await world.theft(tillHolds / 2n));
  await world.mine();
  await seen.until(() => seen.states().includes("broadcast"));
  // The node forgets what waits, as nodes do.
  const { hash } = (await stored(seen))[0]!;
  await world.endpoint.request("anvil_dropTransaction", [hash]);
  await seen.until(() => seen.states().includes("active"), { mineMs: 200 });
  expect((await world.pauses()).map(({ txHash }) => txHash)).toEqual([hash]);
  expect(await stored(seen)).toHaveLength(1);
});

test("RESP-10: a pause that a stranger put in force while no node took ours is sent by us once a reorg takes it, once", async () => {
  const folder = makeFolder();
  const world = await openTill();
  let isFull = true;
  const node = await serveCalls(async (call) =>
    isFull && call.method === "eth_sendRawTransaction"
      ? refusal(call, -32_000, "txpool is full")
      : forward(world.rpcUrl, call),
  );
  closers.push(folder.remove, world.close, node.close);
  const head = await world.mine(3);
  const seen = await watchTill(world, folder.path, { rpc: [node.url] });
  closers.push(seen.stop);
  await seen.until(() => seen.head() >= head);
  await world.send(await world.theft(tillHolds / 2n));
  await world.mine();
  await seen.until(() => seen.states().includes("dropped"));
  const { to, data } = parseTransaction((await stored(seen))[0]!.raw as Hex);
  await world.endpoint.request("anvil_impersonateAccount", [thiefAddress]);
  await world.endpoint.request("eth_sendTransaction", [{ from: thiefAddress, to, data, gas: "0x7a120" }]);
  await seen.until(() => seen.states().at(-1) === "active", { mineMs: 200 });
  const states = async () =>
    (await seen.watch.store.db.selectFrom("transactions").select("state").orderBy("id").execute()).map(
      (row) => row.state,
    );
  await seen.until(async () => (await states()).at(-1) === "freed");
  const before = Number(await world.endpoint.request("eth_blockNumber"));
  const [pause] = await world.pauses();
  await seen.until(() => seen.head() === before);
  isFull = false;
  await world.endpoint.request("anvil_reorg", [before - pause!.blockNumber + 1, []]);
  expect([await world.pauses(), await world.sentBySender()]).toEqual([[], 0]);
  await seen.until(() => seen.states().filter((state) => state === "active").length === 2, { mineMs: 200 });
  await world.mine(2);
  expect([(await world.pauses()).length, await world.sentBySender()]).toEqual([1, 1]);
  expect(seen.states()).not.toContain("killed");
  expect((await verifyStore(seen.watch.store)).fault).toBeUndefined();
});

test("GATE-02: when the attack is orphaned before guardians agreed, nothing is sent", async () => {
  const { world, seen } = await play({ guardians: 1 });
  await world.send(await world.theft(tillHolds / 2n));
  await world.mine();
  await seen.until(() => seen.states().includes("simulated"));
  await world.endpoint.request("anvil_reorg", [1, []]);
  await world.mine();
  await seen.until(() => seen.states().at(-1) === "stale");
  expect(seen.findings()).toContain("invariant-till-solvent retracted");
  expect(await stored(seen)).toEqual([]);
  expect(await world.sentBySender()).toBe(0);
});
