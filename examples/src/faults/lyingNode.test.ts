import { balanceOf } from "@testudo/chain/act/sendAction";
import { serveChanged, type WireAnswer, type WireCall } from "@testudo/chain/testkit/faultyNode.testkit";
import { verifyStore } from "testudo/store/verifyStore";
import { parseEther } from "viem/utils";
import { afterEach, expect, test } from "vitest";
import { makeFolder, openTill, tillHolds, watchTill } from "./till.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Change = (call: WireCall, answer: WireAnswer) => WireAnswer | Promise<WireAnswer>;
interface Faults {
  /** The first `liars` nodes answer what `lie` makes of the truth while `isLying`. */
  readonly lie?: Change;
  readonly liars?: number;
  readonly nodes?: number;
}

/** Three nodes of which two have to agree, and a till that is being robbed. */
async function open({ lie = (_, answer) => answer, liars = 1, nodes = 3 }: Faults) {
  const folder = makeFolder();
  const world = await openTill();
  closers.push(folder.remove, world.close);
  const state = { isLying: true };
  const served = await Promise.all(
    Array.from({ length: nodes }, (_, i) =>
      serveChanged(world.rpcUrl, (call, answer) => (i < liars && state.isLying ? lie(call, answer) : answer)),
    ),
  );
  closers.push(...served.map((node) => node.close));
  const head = await world.mine(6);
  const rpc = served.map((node) => node.url);
  const watch = await watchTill(world, folder.path, { rpc, quorum: Math.min(2, nodes) });
  closers.push(watch.stop);
  await watch.until(() => watch.head() >= head);
  const balance = () => balanceOf(world.endpoint, world.sender.address);
  const before = await balance();
  return {
    world,
    watch,
    state,
    nodes: served,
    spent: async () => before - (await balance()),
    async attack() {
      await world.send(await world.theft(tillHolds / 2n));
      await world.mine();
    },
    async untilActive() {
      await watch.until(() => watch.states().includes("active"), { mineMs: 1_500, withinMs: 90_000 });
      expect(await world.pauses()).toHaveLength(1);
      expect(await world.sentBySender()).toBe(1);
    },
    async nextNonce() {
      const [row] = await watch.watch.store.db.selectFrom("nonces").select("next").execute();
      return row?.next;
    },
  };
}

const lieOf =
  (method: string, result: unknown): Change =>
  (call, answer) =>
    call.method === method ? { jsonrpc: "2.0", id: answer.id, result } : answer;

test("RESP-03: the first of three nodes is away: the pause is tried on another one's state and goes out", async () => {
  const { nodes, attack, untilActive, watch } = await open({});
  nodes[0]!.isAway = true;
  await attack();
  await untilActive();
  expect(watch.states().filter((state) => state === "proposed")).toHaveLength(1);
});

test("RESP-03: the first of three nodes hangs: the pause is tried on another one's state and goes out", async () => {
  let hangs = false;
  const { attack, untilActive } = await open({ lie: (_, answer) => (hangs ? new Promise(() => {}) : answer) });
  hangs = true;
  await attack();
  await untilActive();
});

test("STREAM-19: the first of three nodes hides in state what was taken: the theft is found all the same, and the node told", async () => {
  const isState = ({ method }: WireCall) => ["eth_call", "eth_getBalance", "eth_getStorageAt"].includes(method);
  const { attack, untilActive, watch } = await open({
    lie: (call, answer) =>
      isState(call) && typeof answer.result === "string"
        ? { ...answer, result: `0x${answer.result.slice(2).replace(/[1-9a-f]/g, "0")}` }
        : answer,
  });
  await attack();
  await untilActive();
  const troubles = await watch.watch.store.db.selectFrom("notices").selectAll().execute();
  expect(JSON.stringify(troubles)).toContain("tells other state of block");
});

test.each([500_000_000_000_000n, 10n ** 21n])(
  "RESP-08: the first of three nodes asks for a tip of %s wei: the pause costs what the others say",
  async (tip) => {
    const { attack, untilActive, spent } = await open({
      lie: lieOf("eth_maxPriorityFeePerGas", `0x${tip.toString(16)}`),
    });
    await attack();
    await untilActive();
    expect(await spent()).toBeLessThan(parseEther("0.01"));
  },
);

test("RESP-08: the only node asks for any tip: the pause offers no more than an ether", async () => {
  const { attack, untilActive, spent } = await open({
    lie: lieOf("eth_maxPriorityFeePerGas", `0x${(10n ** 21n).toString(16)}`),
    nodes: 1,
  });
  await attack();
  await untilActive();
  expect(await spent()).toBeLessThanOrEqual(parseEther("1"));
});

test("RESP-08: one of two nodes names a base fee that the sender could not pay: the pause goes out for what it has", async () => {
  const dear: Change = (call, answer) => {
    if (call.method !== "eth_getBlockByNumber" || call.params[0] !== "latest") return answer;
    return { ...answer, result: { ...(answer.result as object), baseFeePerGas: "0x2386f26fc10000" } };
  };
  const { attack, untilActive, world } = await open({ lie: dear, nodes: 2 });
  await world.endpoint.request("anvil_setBalance", [world.sender.address, `0x${parseEther("0.3").toString(16)}`]);
  await attack();
  await untilActive();
});

test("RESP-08: the first of three nodes says that it took what the others refuse: bytes are signed anew for what a block asks", async () => {
  const taking: Change = (call, answer) =>
    call.method === "eth_sendRawTransaction"
      ? { jsonrpc: "2.0", id: answer.id, result: `0x${"00".repeat(32)}` }
      : answer;
  const { attack, untilActive, watch, world } = await open({ lie: taking });
  const ask = (method: string, ...params: unknown[]) => world.endpoint.request(method, params);
  const { baseFeePerGas } = (await ask("eth_getBlockByNumber", "latest", false)) as { baseFeePerGas: string };
  await ask(
    "anvil_setBalance",
    world.sender.address,
    `0x${((BigInt(baseFeePerGas) * 360_000n * 3n) / 2n).toString(16)}`,
  );
  await attack();
  await watch.until(() => watch.states().includes("broadcast"));
  await ask("anvil_dropAllTransactions");
  await ask("anvil_setNextBlockBaseFeePerGas", `0x${(BigInt(baseFeePerGas) * 20n).toString(16)}`);
  await world.mine();
  await ask("anvil_setBalance", world.sender.address, `0x${parseEther("1").toString(16)}`);
  const rowsOf = () => watch.watch.store.db.selectFrom("transactions").select("nonce").execute();
  // Before a higher fee is offered for want of a block.
  await watch.until(async () => (await rowsOf()).length > 1, { withinMs: 8_000 });
  await untilActive();
});

test("RESP-08: the first of three nodes counts too many transactions: the next nonce is leased, without a hole", async () => {
  const { attack, untilActive, nextNonce } = await open({ lie: lieOf("eth_getTransactionCount", "0xffff") });
  await attack();
  await untilActive();
  expect(await nextNonce()).toBe(1);
});

test("RESP-08: bytes behind a hole are signed anew at the next nonce once most nodes name it, with one effect", async () => {
  const { attack, untilActive, nextNonce, state, watch, world } = await open({
    lie: lieOf("eth_getTransactionCount", "0xffff"),
    liars: 2,
  });
  await attack();
  await watch.until(() => watch.states().includes("signed"), { mineMs: 1_500 });
  expect(await nextNonce()).toBe(0x1_0000);
  state.isLying = false;
  await untilActive();
  expect(await nextNonce()).toBe(1);
  const { store } = watch.watch;
  const rows = await store.db.selectFrom("transactions").select("nonce").orderBy("id").execute();
  expect(rows.map(({ nonce }) => nonce)).toEqual([0xffff, 0]);
  await world.mine(2);
  expect((await verifyStore(store)).fault).toBeUndefined();
});

test("RESP-08: the first of three nodes tells of a receipt that does not exist: the pause goes out", async () => {
  const { attack, untilActive } = await open({
    lie: (call, answer) =>
      call.method === "eth_getTransactionReceipt"
        ? {
            ...answer,
            result: { status: "0x0", blockHash: `0x${"de".repeat(32)}`, blockNumber: "0x1", gasUsed: "0x1" },
          }
        : answer,
  });
  await attack();
  await untilActive();
});
