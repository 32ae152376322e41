import { fetchBlock, fetchBundle } from "@testudo/chain/block/fetchBundle";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { BlockUnknown } from "@testudo/chain/rpc/BlockUnknown";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openNodeState, openNodeStateAt } from "@testudo/chain/state/openNodeState";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { EvmBlock } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { openEvm } from "@testudo/lab/engine/openEvm";
import { afterAll, beforeAll, expect, test } from "vitest";

// A store: called with a word keeps it in slot 0 and logs it; called with nothing returns it.
const store: Address = `0x${"5a".repeat(20)}`;
const storeCode: Hex = "0x36600f5760005460005260206000f35b60003560005560003560005260206000a000";
const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, "0")}`;

let anvil: Anvil;
let node: Endpoint;
let parent: BlockRef;
let from: Address;

beforeAll(async () => {
  anvil = await startAnvil({ noMining: true, args: ["--hardfork", "prague"] });
  node = openEndpoint(anvil.url, { label: "anvil" });
  await node.request("anvil_setCode", [store, storeCode]);
  await node.request("evm_mine");
  from = ((await node.request("eth_accounts")) as Address[])[0]!;
  const gas = "0x30d40";
  await node.request("eth_sendTransaction", [{ from, to: store, data: word(5n), gas }]);
  await node.request("evm_mine");
  parent = (await fetchBlock(node, 2n, false)).ref;
  await node.request("eth_sendTransaction", [{ from, to: store, data: word(9n), gas }]);
  await node.request("evm_mine");
});
afterAll(async () => {
  node?.close();
  await anvil?.stop();
});

async function blockOfAnvil(number: bigint): Promise<EvmBlock> {
  const raw = (await node.request("eth_getBlockByNumber", [`0x${number.toString(16)}`, false])) as Record<string, Hex>;
  return {
    chainId: 31_337,
    number,
    timestamp: BigInt(raw.timestamp!),
    baseFeePerGas: BigInt(raw.baseFeePerGas!),
    gasLimit: BigInt(raw.gasLimit!),
    coinbase: raw.miner!,
    prevRandao: raw.mixHash!,
    hardfork: "prague",
  };
}

test("ENGINE-08: on a node's state the engine does what the node did, and asks for each thing once", async () => {
  const state = openNodeState(node, parent.hash);
  const block = await blockOfAnvil(3n);
  const evm = await openEvm(state, block);
  const before = evm.snapshot();
  const [mined] = (await fetchBundle(node, 3n, ["X", "L", "T"])).traces!;
  const tx = { from, to: store, value: 0n, input: word(9n), gas: 200_000n, maxFeePerGas: block.baseFeePerGas * 2n };
  const outcome = await evm.run({ ...tx, maxPriorityFeePerGas: 1n });
  expect(outcome).toMatchObject({ kind: "ran", succeeded: true });
  expect((outcome as { trace: unknown }).trace).toEqual(mined);
  const read = { kind: "call", to: store, data: "0x" } as const;
  expect(await evm.read(read, before)).toEqual({ ok: true, value: word(5n) });
  expect(await evm.read(read)).toEqual({ ok: true, value: word(9n) });

  const asked = state.asked();
  const again = await openEvm(state, block);
  expect(await again.run({ ...tx, maxPriorityFeePerGas: 1n })).toEqual(outcome);
  expect(state.asked()).toBe(asked);
});

test("error: the node has no such state", async () => {
  const evm = await openEvm(openNodeState(node, `0x${"77".repeat(32)}`), await blockOfAnvil(3n));
  await expect(evm.read({ kind: "balance", address: from })).rejects.toThrow();
});

test("EVM-04: a node is taken by number as it stands, and what it does later changes nothing", async () => {
  const snapshot = await openNodeStateAt(node, 2n);
  expect(snapshot.ref).toEqual(parent);
  const evm = await openEvm(snapshot, await blockOfAnvil(3n));
  // Asked for after the node has gone on: slot 0 is 9 there by now.
  await node.request("evm_mine");
  const read = { kind: "call", to: store, data: "0x" } as const;
  expect(await evm.read(read)).toEqual({ ok: true, value: word(5n) });
  const now = await openEvm(await openNodeStateAt(node, 3n), await blockOfAnvil(3n));
  expect(await now.read(read)).toEqual({ ok: true, value: word(9n) });
  await expect(openNodeStateAt(node, 1_000n)).rejects.toThrow(BlockUnknown);
});
