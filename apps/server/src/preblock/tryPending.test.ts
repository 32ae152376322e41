import { fetchBundle } from "@testudo/chain/block/fetchBundle";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { walk } from "@testudo/core/model/CallTree";
import { frameIdOf } from "@testudo/core/model/FrameId";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { At, StateRead } from "@testudo/core/model/StateRead";
import { openEvm } from "@testudo/lab/engine/openEvm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openHeadStates } from "./openHeadState.ts";
import { tryPending } from "./tryPending.ts";

const chainId = 31_337;
const hammer: Address = `0x${"4a".repeat(20)}`;
// As often as it is told it calls the contract that copies, and each time notes how often it was still to do so.
const hammerCode: Hex = "0x5f355b5f5f5f5f60045afa50805f55600190038060025700";
const word = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;

let anvil: Anvil;
let node: Endpoint;
beforeAll(async () => {
  anvil = await startAnvil({ args: ["--hardfork", "cancun"] });
  node = openEndpoint(anvil.url);
  await node.request("anvil_setCode", [hammer, hammerCode]);
  await node.request("evm_mine");
});
afterAll(async () => {
  node.close();
  await anvil.stop();
});

test("STREAM-09: before the block there is state around the calls of a pending transaction, for sixteen of them", async () => {
  const [from] = (await node.request("eth_accounts")) as [Address];
  const { ref } = await fetchBundle(node, 1n, ["X"]);
  const head = await openHeadStates({ endpoints: [node], openEvm, chainId, hardfork: "cancun" })(ref);
  const prices = { maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 0n };
  const sent = { hash: word(7), from, to: hammer, value: 0n, input: word(20), gas: 500_000n, nonce: 0 };
  const tried = await tryPending(head!, { ...sent, ...prices, source: "test" }, []);
  const visits = walk(tried.input!.bundle.traces![0]!);
  const slotAt = (at: At): StateRead => ({ kind: "slot", at, address: hammer, slot: word(0) });
  const before = visits.slice(2, 20).map((visit) => slotAt({ beforeCall: frameIdOf(sent.hash, visit) }));
  const ends = [slotAt("parent"), slotAt("block"), slotAt({ afterTx: sent.hash })];
  const exact = before.map((_, i) => (i < 16 ? { value: word(20 - i) } : { value: word(0), standIn: "beforeTx" }));
  const expected = [...exact, { value: word(0) }, { value: word(1) }, { value: word(1) }];
  expect(await tried.answer([...before, ...ends])).toEqual(expected.map((one) => ({ ok: true, ...one })));
  const [elsewhere] = await tried.answer([slotAt({ hash: word(1) })]);
  expect(elsewhere).toMatchObject({ ok: false });
  tried.undo();
});
