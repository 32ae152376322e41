import type { PauseMessage } from "@testudo/core/model/Action";
import type { Address, Hex } from "@testudo/core/model/Hex";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchBlock, fetchBundle } from "../block/fetchBundle.ts";
import { type Fork, ForkMoved, openFork } from "../fork/forkAt.ts";
import { type Anvil, startAnvil } from "../fork/startAnvil.ts";
import { RpcRefused } from "../rpc/RpcError.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import { deployCouncil, keys, signerOf } from "../testkit/council.testkit.ts";
import { serveChanged } from "../testkit/faultyNode.testkit.ts";
import { encodePauseBySig, pauseTypedData, verifyApproval } from "./encodePause.ts";
import { describeRevert, readTrip } from "./readPause.ts";
import type { SignedApproval } from "./SignedApproval.ts";
import {
  broadcast,
  bumpFees,
  findReceipt,
  isUnderpriced,
  nextNonce,
  prepareTransaction,
  suggestFees,
} from "./sendAction.ts";
import { SignerTwice } from "./sortApprovals.ts";

const chainId = 31337;
const target: Address = `0x${"7a".repeat(20)}`;
const selector: Hex = "0x2e1a7d4d";
const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const signers = keys.slice(0, 3).map(signerOf);
const sender = signerOf(keys[3]!);

let anvil: Anvil;
let node: Endpoint;
let fork: Fork;
let breaker: Address;
let council: Address;
let nonce = 0n;

beforeAll(async () => {
  anvil = await startAnvil({ noMining: true });
  node = openEndpoint(anvil.url, { label: "anvil" });
  fork = openFork([node]);
  const members = signers.map(({ address }) => address);
  ({ breaker, council } = await deployCouncil(node, members, target, selector));
});
afterAll(async () => {
  await fork.stop();
  node.close();
  await anvil.stop();
});

async function head() {
  const number = BigInt((await node.request("eth_blockNumber")) as string);
  return (await fetchBlock(node, number, false)).ref;
}

async function makeMessage(): Promise<PauseMessage> {
  const { timestamp } = await head();
  nonce += 1n;
  const until = timestamp + 3_600n;
  return { target, selectors: [selector], until, reason: word("01"), evidence: word("02"), nonce, deadline: until };
}

async function approve(message: PauseMessage, by = signers.slice(0, 2)): Promise<SignedApproval[]> {
  const typed = pauseTypedData(message, council, chainId);
  return Promise.all(
    by.map(async (signer) => ({ signer: signer.address, signature: await signer.signTypedData(typed) })),
  );
}

async function prepare(data: Hex, options: { fees?: { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint } } = {}) {
  const nonce = await nextNonce(node, sender.address);
  return prepareTransaction({ endpoint: node, signer: sender, chainId, to: council, data, nonce, ...options });
}

const replaced = { maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n };

describe("a pause by the council", () => {
  test("RESP-04: signed off chain, verified, simulated, sent, and seen as Tripped", async () => {
    const message = await makeMessage();
    const approvals = await approve(message);
    for (const approval of approvals) expect(await verifyApproval(message, council, chainId, approval)).toBe(true);
    const data = encodePauseBySig(message, approvals);
    const call = { from: sender.address, to: council, data };
    const [tried, again] = await fork.simulate(await head(), [
      { ...call, name: "pause", expect: "succeeds" },
      { ...call, name: "the same again", expect: "reverts" },
    ]);
    expect(tried).toMatchObject({ name: "pause", succeeded: true });
    expect(again).toEqual({
      name: "the same again",
      expect: "reverts",
      succeeded: false,
      detail: `execution reverted: Council_NonceUsed(${message.nonce})`,
    });
    const prepared = await prepare(data);
    expect(await broadcast(node, prepared.raw)).toBe("sent");
    await node.request("evm_mine");
    const receipt = await findReceipt(node, [word("99"), prepared.hash]);
    expect(receipt).toMatchObject({ hash: prepared.hash, succeeded: true });
    const { logs } = await fetchBundle(node, receipt!.blockHash, ["L"]);
    const { until, reason, evidence } = message;
    expect(logs.flatMap((log) => readTrip(log) ?? [])).toEqual([
      { kind: "tripped", breaker, target, selector, until, reason, evidence, txIndex: 0 },
    ]);
  });

  test("approvals are sorted, in whatever order they come", async () => {
    const message = await makeMessage();
    const approvals = await approve(message, signers);
    const sorted = encodePauseBySig(message, approvals);
    fc.assert(
      fc.property(fc.shuffledSubarray(approvals, { minLength: 3 }), (order) => {
        expect(encodePauseBySig(message, order)).toBe(sorted);
      }),
    );
    const [result] = await fork.simulate(await head(), [
      { from: sender.address, to: council, data: sorted, name: "pause", expect: "succeeds" },
    ]);
    expect(result?.succeeded).toBe(true);
  });

  test("error: one signature is below the threshold, told in the contract's words", async () => {
    const message = await makeMessage();
    const data = encodePauseBySig(message, await approve(message, signers.slice(0, 1)));
    const [result] = await fork.simulate(await head(), [
      { from: sender.address, to: council, data, name: "pause", expect: "reverts" },
    ]);
    expect(result?.detail).toBe("execution reverted: Council_Threshold(1, 2)");
  });

  test("error: a signer twice", async () => {
    const message = await makeMessage();
    const [approval] = await approve(message);
    expect(() => encodePauseBySig(message, [approval!, approval!])).toThrow(SignerTwice);
  });

  test("a signature over any other message, council or chain is nobody's", async () => {
    const message = await makeMessage();
    const [approval] = await approve(message);
    const other = { ...message, until: message.until + 1n };
    expect(await verifyApproval(other, council, chainId, approval!)).toBe(false);
    expect(await verifyApproval(message, breaker, chainId, approval!)).toBe(false);
    expect(await verifyApproval(message, council, 1, approval!)).toBe(false);
    expect(await verifyApproval(message, council, chainId, { ...approval!, signer: signers[1]!.address })).toBe(false);
    expect(await verifyApproval(message, council, chainId, { ...approval!, signature: "0x00" })).toBe(false);
    expect(await verifyApproval(message, council, chainId, { ...approval!, signature: `0x${"ff".repeat(65)}` })).toBe(
      false,
    );
  });

  test("a revert that nobody knows is told by its bytes", () => {
    expect(describeRevert("0x")).toBe("no reason given");
    expect(describeRevert("0xdeadbeef")).toBe("0xdeadbeef");
  });
});

describe("sending", () => {
  test("RESP-08: the same bytes are sent, known, and after inclusion too low", async () => {
    const message = await makeMessage();
    const prepared = await prepare(encodePauseBySig(message, await approve(message)));
    expect(await broadcast(node, prepared.raw)).toBe("sent");
    expect(await broadcast(node, prepared.raw)).toBe("already-known");
    expect(await nextNonce(node, sender.address)).toBe(prepared.nonce + 1);
    expect(await findReceipt(node, [prepared.hash])).toBeUndefined();
    await node.request("evm_mine");
    expect(await broadcast(node, prepared.raw)).toBe("nonce-too-low");
    expect(await findReceipt(node, [prepared.hash])).toMatchObject({ succeeded: true });
  });

  test("RESP-09: a replacement with both fees raised takes the place, one with less is underpriced", async () => {
    const message = await makeMessage();
    const data = encodePauseBySig(message, await approve(message));
    const first = await prepare(data, { fees: replaced });
    await broadcast(node, first.raw);
    const request = { endpoint: node, signer: sender, chainId, to: council, data, nonce: first.nonce };
    const lower = { maxFeePerGas: first.maxFeePerGas - 1n, maxPriorityFeePerGas: first.maxPriorityFeePerGas - 1n };
    const cheap = await prepareTransaction({ ...request, gas: first.gas, fees: lower });
    const error = await broadcast(node, cheap.raw).catch((e: unknown) => e);
    expect(isUnderpriced(error)).toBe(true);
    const second = await prepareTransaction({ ...request, gas: first.gas, fees: bumpFees(first) });
    expect(await broadcast(node, second.raw)).toBe("sent");
    await node.request("evm_mine");
    expect(await findReceipt(node, [first.hash, second.hash])).toMatchObject({ hash: second.hash, succeeded: true });
  });

  test("RESP-09: bumped fees are at least an eighth higher, both", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 18n), fc.bigInt(0n, 10n ** 18n), (maxFeePerGas, maxPriorityFeePerGas) => {
        const bumped = bumpFees({ maxFeePerGas, maxPriorityFeePerGas });
        expect(bumped.maxFeePerGas * 8n >= maxFeePerGas * 9n && bumped.maxFeePerGas > maxFeePerGas).toBe(true);
        expect(bumped.maxPriorityFeePerGas * 8n >= maxPriorityFeePerGas * 9n).toBe(true);
      }),
    );
  });

  test("suggested fees outlast a doubled base fee", async () => {
    const { baseFeePerGas } = (await node.request("eth_getBlockByNumber", ["latest", false])) as { baseFeePerGas: Hex };
    const { maxFeePerGas, maxPriorityFeePerGas } = await suggestFees(node);
    expect(maxFeePerGas).toBe(2n * BigInt(baseFeePerGas) + maxPriorityFeePerGas);
  });

  test.each([
    ["already known", "already-known"],
    ["ALREADY_EXISTS: already known", "already-known"],
    ["AlreadyKnown", "already-known"],
    ["Known transaction", "already-known"],
    ["nonce too low: next nonce 5, tx nonce 4", "nonce-too-low"],
    ["OldNonce", "nonce-too-low"],
  ])("a node that says %j means %s", async (message, result) => {
    const proxy = await serveChanged(anvil.url, ({ id }) => ({ jsonrpc: "2.0", id, error: { code: -32000, message } }));
    const endpoint = openEndpoint(proxy.url);
    expect(await broadcast(endpoint, "0x00")).toBe(result);
    endpoint.close();
    await proxy.close();
  });

  test("error: bytes that are no transaction", async () => {
    await expect(broadcast(node, "0x00")).rejects.toThrow(RpcRefused);
  });
});

describe("a fork", () => {
  const poor: Address = `0x${"0b".repeat(20)}`;
  const rich: Address = `0x${"0c".repeat(20)}`;

  test("forgets what was run, and runs for senders without gas money", async () => {
    const ref = await head();
    const pay = { from: poor, to: rich, data: "0x" as Hex, value: 1n };
    const first = await fork.replay(ref, [pay]);
    expect(await fork.replay(ref, [pay])).toEqual(first);
    expect(first).toMatchObject([{ succeeded: true, gasUsed: 21_000n, trace: { from: poor, to: rich, value: 1n } }]);
  });

  test("sees the state of the block it is put on, after a reorg too", async () => {
    // Runtime code that returns the balance of `rich`; anvil may not keep it from the block that fell away.
    const read = { from: poor, data: `0x73${rich.slice(2)}3160005260206000f3` as Hex };
    const balanceAt = async (): Promise<bigint> => BigInt((await fork.replay(await head(), [read]))[0]!.trace.output);
    await node.request("anvil_setBalance", [rich, "0x5"]);
    await node.request("evm_mine");
    const before = await head();
    expect(await balanceAt()).toBe(5n);
    await node.request("anvil_rollback", [1]);
    await node.request("anvil_setBalance", [rich, "0x7"]);
    await node.request("evm_setNextBlockTimestamp", [Number(before.timestamp) + 7]);
    await node.request("evm_mine");
    expect((await head()).number).toBe(before.number);
    expect(await balanceAt()).toBe(7n);
    await expect(fork.replay(before, [read])).rejects.toThrow(ForkMoved);
    expect(await balanceAt()).toBe(7n);
  });

  test("runs that are asked for at once come one after the other", async () => {
    const ref = await head();
    const pay = { from: poor, to: rich, data: "0x" as Hex, value: 1n };
    const runs = await Promise.all([fork.replay(ref, [pay]), fork.replay(ref, [pay, pay]), fork.replay(ref, [])]);
    expect(runs.map((run) => run.map(({ succeeded }) => succeeded))).toEqual([[true], [true, true], []]);
  });
});
