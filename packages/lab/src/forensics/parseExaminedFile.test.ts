import { expect, test } from "vitest";
import { NoTransactions, parseTransactionFile } from "./parseExaminedFile.ts";

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const from = `0x${"a1".repeat(20)}`;
const to = `0x${"d1".repeat(20)}`;

test.each([
  ["one transaction", { from, to }],
  ["a list", [{ from, to }]],
  ["a list with rules", { transactions: [{ from, to }] }],
])("LAB-16: %s is read, with what is left out as JSON-RPC has it", (_, value) => {
  expect(parseTransactionFile(bytes(value), "own").transactions).toEqual([
    { tx: { from, to, value: 0n, input: "0x", gas: 100_000_000n }, isGasLeftOut: true },
  ]);
});

test("LAB-16: whatever a transaction pays and lists is run with it", () => {
  const authorization = { chainId: "0x1", address: to, nonce: "0x0", yParity: "0x1", r: word(1), s: word(2) };
  const given = {
    from,
    to,
    hash: word(9),
    value: "0x5",
    data: "0x1234",
    gas: "0x5208",
    nonce: "0x7",
    gasPrice: "0x3",
    maxFeePerGas: "0x9",
    maxPriorityFeePerGas: "0x1",
    maxFeePerBlobGas: "0x2",
    accessList: [{ address: to, storageKeys: [word(3)] }],
    blobVersionedHashes: [word(4)],
    authorizationList: [authorization],
  };
  const { data, gasPrice, hash, ...rest } = given;
  const { transactions } = parseTransactionFile(bytes(given), "own");
  expect(transactions[0]).toEqual({
    hash,
    tx: {
      ...rest,
      input: data,
      value: 5n,
      gas: 21_000n,
      nonce: 7n,
      maxFeePerGas: 9n,
      maxPriorityFeePerGas: 1n,
      maxFeePerBlobGas: 2n,
    },
  });
});

test.each([
  ["gas that no block has", { from, to, gas: "0x5f5e101" }, "at most 100000000 gas"],
  ["a nonce that no account has", { from, to, nonce: `0x1${"0".repeat(16)}` }, "64 bits"],
  ["nobody who sends it", { to }, "from"],
  ["no transaction at all", [], "it holds none"],
  ["two inputs", { from, to, input: "0x12", data: "0x13" }, "another than input"],
  ["a misspelt field", { from, to, gasLimit: "0x5208" }, 'has no "gasLimit"'],
  ["a misspelt field of the list", { transactions: [{ from, to }], hardFork: "cancun" }, '"hardFork"'],
])("error: a file with %s", (_, value, what) => {
  expect(() => parseTransactionFile(bytes(value), "own")).toThrow(NoTransactions);
  expect(() => parseTransactionFile(bytes(value), "own")).toThrow(what);
});

test("LAB-16: what a node answers for a transaction is taken, with the block that it names", () => {
  const signed = { v: "0x1b", r: word(1), s: word(2), yParity: "0x0", chainId: "0x1", type: "0x0" };
  const mined = { blockHash: word(5), blockNumber: "0x7", transactionIndex: "0x0", blockTimestamp: "0x9" };
  const waiting = { blockHash: null, blockNumber: null, transactionIndex: null };
  const given = { from, to, value: "0x0", input: "0x", gas: "0x5208", ...signed };
  const { transactions } = parseTransactionFile(
    bytes([
      { ...given, ...mined },
      { ...given, ...waiting },
    ]),
    "own",
  );
  const tx = { from, to, value: 0n, input: "0x", gas: 21_000n };
  expect(transactions).toEqual([{ tx, blockNumber: 7n }, { tx }]);
});

function word(n: number): string {
  return `0x${n.toString(16).padStart(64, "0")}`;
}
