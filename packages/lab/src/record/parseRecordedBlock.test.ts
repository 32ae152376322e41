import { gzipSync } from "node:zlib";
import type { Hex } from "@testudo/core/model/Hex";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { replayBlock } from "../capsule/replayBlock.ts";
import { openEvm } from "../engine/openEvm.ts";
import { NotACapsule, parseCapsule } from "./parseCapsule.ts";
import { NotARecordedBlock, parseRecordedBlock } from "./parseRecordedBlock.ts";

const address = (n: number): Hex => `0x${n.toString(16).padStart(40, "0")}`;
const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const tx = (n: number, more: object = {}) => ({
  hash: hash(n),
  from: address(0xa1),
  to: address(0xb2),
  value: "0x1",
  input: "0x",
  gas: "0x186a0",
  nonce: `0x${(n - 1).toString(16)}`,
  gasPrice: "0xa",
  type: "0x0",
  chainId: "0x1",
  ...more,
});
const block = (transactions: object[], more: object = {}) => ({
  format: "testudo-block/1",
  block: {
    hash: hash(9),
    parentHash: hash(8),
    number: "0x1312d00",
    timestamp: "0x665ba27f",
    gasLimit: "0x1c9c380",
    miner: address(0xc3),
    baseFeePerGas: "0x7",
    mixHash: hash(7),
    transactions,
  },
  preState: {
    [address(0xa1)]: { balance: "0xde0b6b3a7640000", nonce: 0, code: "0x", storage: {} },
    // Without calldata it stores its caller in slot 0.
    [address(0xd4)]: { balance: "0x0", nonce: 1, code: "0x33600055", storage: { "0x0": "0x0" } },
    [address(0xe5)]: { balance: "0x0", nonce: 1, code: "0x", codeHash: hash(5), storage: {} },
  },
  missingCode: [address(0xe5)],
  ...more,
});
const bytesOf = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));

async function replayed(json: unknown) {
  const outcomes: string[] = [];
  for await (const { outcome } of replayBlock(parseRecordedBlock(bytesOf(json), "a block"), openEvm))
    outcomes.push(outcome.kind === "ran" ? "ran" : outcome.reason);
  return outcomes;
}

describe("BACK-01: a recorded block", () => {
  test("is read plain and packed, in any letter case", () => {
    const json = block([tx(1)]);
    const upper = JSON.stringify(json).replaceAll(address(0xa1), `0x${address(0xa1).slice(2).toUpperCase()}`);
    const plain = parseRecordedBlock(bytesOf(json), "a");
    expect(parseRecordedBlock(gzipSync(bytesOf(json)), "a")).toEqual(plain);
    expect(parseRecordedBlock(new TextEncoder().encode(upper), "a")).toEqual(plain);
    expect(plain.transactions[0]).toMatchObject({ from: address(0xa1), value: 1n, nonce: 0n, gasPrice: 10n });
    expect(plain.accounts.get(address(0xe5))).toMatchObject({ code: null, codeHash: hash(5) });
  });

  test("code of which only the hash was recorded is not known, whether the file lists it or not", () => {
    const { missingCode: _, ...unlisted } = block([tx(1)]);
    const { accounts } = parseRecordedBlock(bytesOf(unlisted), "a");
    expect(accounts.get(address(0xe5))).toMatchObject({ code: null, codeHash: hash(5) });
    expect(accounts.get(address(0xa1))).toMatchObject({ code: "0x" });
  });

  test("runs in order; what enters unknown code is skipped and the next of its sender goes on", async () => {
    const outcomes = await replayed(
      block([
        tx(1),
        tx(2, { to: address(0xe5) }),
        tx(3),
        tx(4, { from: address(0xf6), nonce: "0x0" }),
        tx(5, { to: address(0xd4), nonce: "0x3" }),
      ]),
    );
    expect(outcomes).toEqual(["ran", "missing-code", "ran", "unfunded", "ran"]);
  });

  test("answers state before and after each transaction", async () => {
    const json = block([tx(1), tx(2, { to: address(0xd4), value: "0x0" })]);
    const seen: unknown[] = [];
    for await (const one of replayBlock(parseRecordedBlock(bytesOf(json), "a"), openEvm))
      seen.push(
        await one.answer([
          { kind: "balance", at: "parent", address: address(0xb2) },
          { kind: "balance", at: "block", address: address(0xb2) },
          { kind: "slot", at: "parent", address: address(0xd4), slot: hash(0) },
          { kind: "slot", at: "block", address: address(0xd4), slot: hash(0) },
          { kind: "balance", at: { hash: hash(3) }, address: address(0xb2) },
        ]),
      );
    const value = (n: number) => ({ ok: true, value: hash(n) });
    const unknown = { ok: false, error: `State of block ${hash(3)} was not recorded.` };
    expect(seen).toEqual([
      [value(0), value(1), value(0), value(0), unknown],
      [value(1), value(1), value(0), value(0xa1), unknown],
    ]);
  });

  test.each([
    ["no JSON", new TextEncoder().encode("{"), /is no JSON/],
    ["a broken archive", Uint8Array.of(0x1f, 0x8b, 1, 2), /is no JSON/],
    ["another format", bytesOf({ format: "testudo-capsule/1" }), /format: /],
    ["no transactions", bytesOf(block(undefined as never)), /block.transactions: /],
    [
      "a wrong address",
      bytesOf(block([tx(1, { from: "0x12" })])),
      /block.transactions.0.from: an address has 20 bytes/,
    ],
  ])("error: %s", (_, bytes, text) => {
    const failed = () => parseRecordedBlock(bytes, "some.json");
    expect(failed).toThrow(NotARecordedBlock);
    expect(failed).toThrow(text);
    expect(failed).toThrow(/"some.json" is no recorded block/);
    expect(() => parseCapsule(bytes, "some.json")).toThrow(NotACapsule);
  });

  test("error: whatever the bytes are, only its own error comes", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => new TextEncoder().encode(text)),
        ),
        (bytes) => {
          expect(() => parseRecordedBlock(bytes, "x")).toThrow(NotARecordedBlock);
        },
      ),
    );
  });
});
