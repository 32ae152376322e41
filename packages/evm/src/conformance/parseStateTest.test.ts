import { describe, expect, test } from "vitest";
import { parseStateTest } from "./parseStateTest.ts";
import { parseStateTests } from "./parseStateTests.ts";
import { transactionOf } from "./runStateTest.ts";
import { after, classicTransfer, expecting, sender, target } from "./transferTest.testkit.ts";

const other = "0x1000000000000000000000000000000000000000000000000000000000000000000";

function txOf(transaction: object, index = 0) {
  const test = parseStateTest("t", classicTransfer({ transaction }));
  return transactionOf(test, test.cases[index]!);
}

describe("EVM-02: a state test is parsed", () => {
  test("behavior: a case chooses its variants by indexes", () => {
    expect(txOf({}, 1)).toEqual({
      from: sender,
      to: target,
      nonce: 7n,
      value: 256n,
      input: new Uint8Array(0),
      gas: 21_000n,
      gasPrice: 10n,
    });
  });

  test("behavior: a given sender stands before that of the secret key", () => {
    expect(txOf({ sender: target.toUpperCase().replace("0X", "0x") }).from).toBe(target);
  });

  test.each(["", "0x", null, undefined])("behavior: a target %j is a creation", (to) => {
    expect(txOf({ to }).to).toBeNull();
  });

  test.each([
    ["0x0000ff", 255n],
    ["0x", 0n],
    ["12", 12n],
    [`0x:bigint ${other}`, 2n ** 264n],
  ])("behavior: the number %s is read", (text, value) => {
    expect(txOf({ value: [text, "0x00"] }).value).toBe(value);
  });

  test("behavior: an access list belongs to one variant of the data, and may be missing there", () => {
    const lists = [null, [{ address: target, storageKeys: ["0x01"] }]];
    const post = [0, 1].map((data) => expecting(after(1n), { indexes: { data, gas: 0, value: 0 } }));
    const changes = { transaction: { data: ["0x", "0x00"], accessLists: lists }, post: { Cancun: post } };
    const parsed = parseStateTest("t", classicTransfer(changes));
    expect(transactionOf(parsed, parsed.cases[0]!)).not.toHaveProperty("accessList");
    expect(transactionOf(parsed, parsed.cases[1]!).accessList).toEqual([{ address: target, storageKeys: [1n] }]);
  });

  test("behavior: lists that are there and empty make the kind of a transaction", () => {
    const fees = { gasPrice: undefined, maxFeePerGas: "0x0a", maxPriorityFeePerGas: "0x03" };
    expect(txOf({ ...fees, blobVersionedHashes: [], maxFeePerBlobGas: "0x01" })).toMatchObject({
      maxFeePerGas: 10n,
      maxPriorityFeePerGas: 3n,
      blobVersionedHashes: [],
      maxFeePerBlobGas: 1n,
    });
    expect(txOf({ ...fees, authorizationList: [] })).toMatchObject({ authorizationList: [] });
  });

  test("behavior: the newer layout gives chain, forks and exceptions its own way", () => {
    const post = { Prague: [expecting(after(1n), { expectException: "A.B|A.C", state: {}, indexes: undefined })] };
    const json = { ...classicTransfer({ post }), config: { chainid: "0x05", blobSchedule: {} } };
    const parsed = parseStateTest("t", json);
    expect(parsed.chainId).toBe(5n);
    expect(parsed.cases[0]).toMatchObject({ fork: "Prague", index: 0, data: 0, expectException: "A.B|A.C" });
  });

  test("behavior: where there is no random word the difficulty stands for it", () => {
    const { block } = parseStateTest("t", classicTransfer({ env: { currentRandom: undefined } }));
    expect(Buffer.from(block.prevRandao).toString("hex")).toBe("20000".padStart(64, "0"));
  });
});

describe("EVM-02: what is malformed is named", () => {
  test.each<[string, object, string]>([
    ["a number that is none", { nonce: "seven" }, 'add transaction.nonce is "seven".'],
    ["bytes of odd length", { data: ["0x0"] }, 'add transaction.data[0] is "0x0".'],
    ["a missing field", { gasLimit: undefined }, "add transaction.gasLimit is missing."],
    ["no price", { gasPrice: undefined }, "add transaction.gasPrice is missing."],
    ["a short target", { to: "0xaa" }, 'add transaction.to is "0xaa".'],
    ["too few variants", { value: ["0x01"] }, "add post.Cancun[1].indexes.value is 1."],
    ["neither sender nor key", { secretKey: undefined }, "add transaction.secretKey is missing."],
  ])("error: %s", (_, transaction, message) => {
    expect(() => parseStateTest("add", classicTransfer({ transaction }))).toThrow(message);
  });

  test("error: a malformed test spoils no other of its file", () => {
    const parsed = parseStateTests(JSON.stringify({ bad: { env: 1 }, good: classicTransfer() }));
    expect(parsed.tests.map(({ name }) => name)).toEqual(["good"]);
    expect(parsed.faults).toEqual([{ name: "bad", why: expect.stringContaining("bad transaction is missing.") }]);
  });

  test("behavior: tests of another kind are told apart", () => {
    const parsed = parseStateTests(
      JSON.stringify({
        a: { genesisBlockHeader: {} },
        b: { engineNewPayloads: [] },
        c: { txbytes: "0x", result: {} },
        d: { vectors: {} },
        e: { exec: {}, pre: {}, post: {} },
        trie: { in: [["A", "aaaa"]], root: "0x12" },
        "0x17": "a line of a table",
      }),
    );
    expect(parsed.foreign.map(({ kind }) => kind)).toEqual([
      "a blockchain test",
      "a blockchain test",
      "a transaction test",
      "a test of containers",
      "a test of single operations in the oldest layout",
      "a test of another kind",
      "a test of another kind",
    ]);
    expect([parsed.tests, parsed.faults]).toEqual([[], []]);
    expect(parseStateTests('[{ "address": "0x12" }]').foreign).toEqual([{ name: "0", kind: "a test of another kind" }]);
  });

  test("error: a state test that lost any of its parts, or all of them, is none of another kind", () => {
    const { env, pre, transaction, post } = classicTransfer() as Record<string, unknown>;
    const lost = { a: { pre, transaction, post }, b: { env }, c: { post }, d: {} };
    expect(parseStateTests(JSON.stringify(lost)).faults.map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
    expect(() => parseStateTests('"text"')).toThrow(/The file/);
  });

  test("behavior: a mark of the byte order before a file's JSON is no fault", () => {
    const parsed = parseStateTests(`\uFEFF${JSON.stringify({ good: classicTransfer() })}`);
    expect(parsed.tests.map(({ name }) => name)).toEqual(["good"]);
  });
});
