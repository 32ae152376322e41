import type { Hex } from "@testudo/core/model/Hex";
import * as Hash from "ox/Hash";
import * as Rlp from "ox/Rlp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Anvil, startAnvil } from "../fork/startAnvil.ts";
import { RpcRefused } from "../rpc/RpcError.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import {
  type FaultyNode,
  refusal,
  serveChanged,
  type WireAnswer,
  type WireCall,
} from "../testkit/faultyNode.testkit.ts";
import { StateDisproved } from "./proveState.ts";
import { recordTx, TxUnknown } from "./recordTx.ts";
import { ProofBroken, verifyProof } from "./verifyProof.ts";

// Called with a word keeps it in slot 0 and logs it.
const store: Hex = `0x${"5a".repeat(20)}`;
const storeCode: Hex = "0x60003560005560003560005260206000a000";
const word = (value: number): Hex => `0x${value.toString(16).padStart(64, "0")}`;

let anvil: Anvil;
let node: Endpoint;
let hashes: Hex[];

beforeAll(async () => {
  anvil = await startAnvil({ noMining: true, args: ["--hardfork", "cancun", "--order", "fifo"] });
  node = openEndpoint(anvil.url);
  const [from] = (await node.request("eth_accounts")) as Hex[];
  await node.request("anvil_setCode", [store, storeCode]);
  await node.request("anvil_setStorageAt", [store, word(0), word(3)]);
  await node.request("evm_mine");
  const send = (data: Hex) => node.request("eth_sendTransaction", [{ from, to: store, data, gas: "0x30d40" }]);
  hashes = [(await send(word(5))) as Hex, (await send(word(6))) as Hex];
  await node.request("evm_mine");
});
afterAll(async () => {
  node?.close();
  await anvil?.stop();
});

/** A record by a node that answers as `change` has it. */
async function recordedBy(change: (call: WireCall, answer: WireAnswer) => WireAnswer, hash: Hex) {
  const proxy: FaultyNode = await serveChanged(anvil.url, change);
  const endpoint = openEndpoint(proxy.url, { label: "changed" });
  try {
    return await recordTx(endpoint, hash);
  } finally {
    endpoint.close();
    await proxy.close();
  }
}

const without =
  (...methods: string[]) =>
  (call: WireCall, answer: WireAnswer): WireAnswer =>
    methods.includes(call.method) ? refusal(call, -32601, "not here") : answer;

describe("LAB-01: a transaction is recorded", () => {
  test("as its node's tracer saw it: in the middle of its block", async () => {
    const record = await recordTx(node, hashes[1]!);
    expect(record).toMatchObject({ index: 1, succeeded: true, metBy: "tracer", trace: { to: store } });
    expect(record.met.get(store)).toMatchObject({ code: storeCode, storage: new Map([[word(0), word(5)]]) });
    expect(record.logs).toEqual([{ address: store, topics: [], data: word(6) }]);
    expect(record.header.number).toBe(2n);
    expect(record.raw).toMatch(/^0x02/);
  });

  test("without tracers by the keys of an access list, with values proved from the header of the block before", async () => {
    const record = await recordedBy(without("debug_traceTransaction", "eth_getRawTransactionByHash"), hashes[1]!);
    expect(record).toMatchObject({ index: 1, metBy: "proofs" });
    expect([record.trace, record.raw]).toEqual([undefined, undefined]);
    expect(record.met.get(store)).toMatchObject({ code: storeCode, storage: new Map([[word(0), word(3)]]) });
    expect(record.met.has(record.tx.from)).toBe(true);
  });

  test("without tracers and proofs by what the node says", async () => {
    const record = await recordedBy(without("debug_traceTransaction", "eth_getProof"), hashes[0]!);
    expect(record.metBy).toBe("reads");
    expect(record.met.get(store)!.storage.get(word(0))).toBe(word(3));
  });

  test("error: a node that answers otherwise than it proves", async () => {
    const lying = (call: WireCall, answer: WireAnswer): WireAnswer => {
      if (call.method === "eth_getStorageAt") return { ...answer, result: word(4) };
      return without("debug_traceTransaction")(call, answer);
    };
    await expect(recordedBy(lying, hashes[0]!)).rejects.toThrow(StateDisproved);
  });

  test("error: neither tracers nor access lists, or no such transaction", async () => {
    const bare = without("debug_traceTransaction", "eth_createAccessList");
    await expect(recordedBy(bare, hashes[0]!)).rejects.toThrow(RpcRefused);
    await expect(recordTx(node, word(9))).rejects.toThrow(TxUnknown);
  });
});

describe("LAB-01: a proof", () => {
  /** A trie of one leaf, for the whole path of `key`. */
  const leafOf = (key: Hex, value: Hex): Hex => Rlp.fromHex([`0x20${Hash.keccak256(key).slice(2)}`, value]);

  test("shows what stands at a key, or that nothing does", () => {
    const node = leafOf(word(0), "0x05");
    const root = Hash.keccak256(node);
    expect(verifyProof(root, word(0), [node])).toBe("0x05");
    expect(verifyProof(root, word(1), [node])).toBe(null);
    expect(verifyProof(Hash.keccak256("0x80"), word(1), [])).toBe(null);
  });

  test.each([
    ["a node that its parent does not name", [leafOf(word(0), "0x06")], /is not the one that/],
    ["nothing where something is", [], /ends before the trie does/],
    ["no RLP", ["0xff"], /is not the one that/],
  ] as const)("error: %s", (_, proof, text) => {
    const root = Hash.keccak256(leafOf(word(0), "0x05"));
    const failed = () => verifyProof(root, word(0), [...proof]);
    expect(failed).toThrow(ProofBroken);
    expect(failed).toThrow(text);
  });

  test("error: what is no trie, under its own root", () => {
    for (const node of ["0x80", "0xc0", "0xc101", "0xf8"] as Hex[])
      expect(() => verifyProof(Hash.keccak256(node), word(0), [node])).toThrow(ProofBroken);
  });
});
