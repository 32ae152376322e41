import type { Hex } from "@testudo/core/model/Hex";
import { keccak256, toRlp } from "viem/utils";
import { expect, test } from "vitest";
import { startAnvil } from "../fork/startAnvil.ts";
import { openEndpoint } from "../rpc/rpcEndpoint.ts";
import type { Fields } from "./parseField.ts";
import { parseReceipts } from "./parseReceipts.ts";
import { hashOfWire, senderOfWire } from "./wireTransaction.ts";

const unsigned = { v: "0x0", r: "0x0", s: "0x0", gasPrice: "0x0", value: "0x0" };

// The first transaction of block 134,217,728 of OP Mainnet.
const opNote: Fields = {
  ...unsigned,
  hash: "0xfef32a4fab45b73e89e64ba640ef261009a157c64617956ab64e831856f928f7",
  type: "0x7e",
  from: "0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001",
  to: "0x4200000000000000000000000000000000000015",
  gas: "0xf4240",
  nonce: "0x1ba3d8a",
  input:
    "0x440a5e200000146b000f79c500000000000000030000000067f3d96300000000015302f100000000000000000000000000000000000000000000000000000002438e769a000000000000000000000000000000000000000000000000000000019ac964ba5f3511f78ffce1555042a48961196583ef9de7ab6384226fda712273645e02610000000000000000000000006887246668a3b87f54deb3b94ba47a6f63f32985",
  sourceHash: "0x883aa371d61056b40ec30d9b74257103351b24d70eb8063940f19f7510e39799",
  mint: "0x0",
  depositReceiptVersion: "0x1",
};

// A user's deposit: the second transaction of block 26,632,855 of a chain of the OP stack,
// 0x0d7f8b9def6f5d3ba2cbeee2e31e730da81e2c474fa8c3c9e8d0e6b96e37d182.
const opDeposit: Fields = {
  ...unsigned,
  hash: "0x3f44a72b1faf70be7295183f1f30cfb51ede92d7c44441ca80c9437a6a22e5a5",
  type: "0x7e",
  from: "0x977f82a600a1414e583f7f13623f1ac5d58b1c0b",
  to: "0x4200000000000000000000000000000000000007",
  gas: "0x77f2e",
  nonce: "0x5dacf",
  input:
    "0xd764ad0b000100000000000000000000000000000000000000000000000000000005dacf0000000000000000000000003154cf16ccdb4c6d922629664174b904d80f2c3500000000000000000000000042000000000000000000000000000000000000100000000000000000000000000000000000000000000000000001c6bf526340000000000000000000000000000000000000000000000000000000000000030d4000000000000000000000000000000000000000000000000000000000000000c000000000000000000000000000000000000000000000000000000000000000c41635f5fd000000000000000000000000212241ad6a6a0a7553c4290f7bc517c1041df0be000000000000000000000000d153f571d0a5a07133114bfe623d4d71e03ea5d70000000000000000000000000000000000000000000000000001c6bf5263400000000000000000000000000000000000000000000000000000000000000000800000000000000000000000000000000000000000000000000000000000000018307837333735373036353732363237323639363436373635000000000000000000000000000000000000000000000000000000000000000000000000",
  sourceHash: "0x26eb0df3ebdb8eb11892a336b798948ec846c28200862a67aa32cfd57ca7da4f",
  mint: "0x1c6bf52634000",
  value: "0x1c6bf52634000",
  depositReceiptVersion: "0x1",
};

// The only transaction of block 274 of a chain of the OP stack, 0xfc70e073ec6e1bb7f387698e4be418d7b1ff2216f625cdf41e1b80fb08029ef5.
const opOnly: Fields = {
  ...unsigned,
  hash: "0x13a644af4f64ce801dcd57faa823e8952f2290b810fdd31995dda62977ed3df1",
  type: "0x7e",
  from: "0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001",
  to: "0x4200000000000000000000000000000000000015",
  gas: "0xf4240",
  nonce: "0x111",
  input:
    "0x015d8eb90000000000000000000000000000000000000000000000000000000001267f330000000000000000000000000000000000000000000000000000000065da6073000000000000000000000000000000000000000000000000000000075d3f861097c24796a4f639846a6a3ea3a59c11de8d89e11f551bae8feca9271a78926d420000000000000000000000000000000000000000000000000000000000000004000000000000000000000000415c8893d514f9bc5211d36eeda4183226b84aa700000000000000000000000000000000000000000000000000000000000000bc00000000000000000000000000000000000000000000000000000000000a6fe0",
  sourceHash: "0x5a1b66228a26547e2ce6fe1aa734d2c34e062e42ccd5710463e6987890f1ad5d",
  mint: "0x0",
  depositReceiptVersion: "0x1",
};

// The first transactions of blocks 201,326,592 and 350,791,066 of Arbitrum One.
const arbOs = { from: "0x00000000000000000000000000000000000a4b05", to: "0x00000000000000000000000000000000000a4b05" };
const arbitrum: Fields = { ...unsigned, type: "0x6a", chainId: "0xa4b1", gas: "0x0", nonce: "0x0", ...arbOs };
const arbitrumNotes: readonly Fields[] = [
  {
    ...arbitrum,
    hash: "0x431a1c991fe68597f472ddd6e675570b5e1e0825ea90da5195709658e77bfede",
    input:
      "0x6bf6a42d000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000012c04c1000000000000000000000000000000000000000000000000000000000c0000000000000000000000000000000000000000000000000000000000000000000000",
  },
  {
    ...arbitrum,
    hash: "0x03dd259cba9ef03a0043700ff6aa27de5c96337ad410b3710b6482ca8a971fd0",
    input:
      "0x6bf6a42d000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000015b88c40000000000000000000000000000000000000000000000000000000014e8a59a0000000000000000000000000000000000000000000000000000000000000000",
  },
];

const word = (digit: string): Hex => `0x${digit.repeat(64)}`;
const account = (digit: string): Hex => `0x${digit.repeat(40)}`;
const bridged = {
  ...unsigned,
  chainId: "0xa4b1",
  from: account("1"),
  to: account("2"),
  gas: "0x5208",
  nonce: "0x7",
  value: "0x9",
  input: "0x00ff",
  maxFeePerGas: "0x989680",
  requestId: word("3"),
};
// The call data by which Nitro shows a call that is handed in to be kept, word for word.
const submission: Hex = `0xc9f95d32${[
  word("3"),
  "0x0b",
  "0x0d",
  "0x05",
  "0x989680",
  "0x5208",
  "0x0e",
  account("6"),
  account("5"),
  account("4"),
  "0x160",
  "0x03",
]
  .map((item) => item.slice(2).padStart(64, "0"))
  .join("")}${"abcdef".padEnd(64, "0")}`;

// By the structures of Arbitrum Nitro; no block at hand has one.
const kept: readonly (readonly [Hex, Fields, readonly Hex[]])[] = [
  ["0x64", { ...bridged, input: "0x" }, ["0xa4b1", word("3"), account("1"), account("2"), "0x09"]],
  ["0x65", bridged, ["0xa4b1", account("1"), "0x07", "0x989680", "0x5208", account("2"), "0x09", "0x00ff"]],
  ["0x66", { ...bridged, to: null }, ["0xa4b1", word("3"), account("1"), "0x989680", "0x5208", "0x", "0x09", "0x00ff"]],
  [
    "0x68",
    {
      ...bridged,
      ticketId: word("5"),
      refundTo: account("6"),
      maxRefund: "0xa",
      submissionFeeRefund: "0x0",
    },
    [
      "0xa4b1",
      "0x07",
      account("1"),
      "0x989680",
      "0x5208",
      account("2"),
      "0x09",
      "0x00ff",
      word("5"),
      account("6"),
      "0x0a",
      "0x",
    ],
  ],
  [
    "0x69",
    {
      ...bridged,
      to: "0x000000000000000000000000000000000000006e",
      value: "0x0",
      input: submission,
      l1BaseFee: "0xb",
      depositValue: "0xd",
      retryTo: account("4"),
      retryValue: "0x5",
      retryData: "0xabcdef",
      beneficiary: account("5"),
      maxSubmissionFee: "0xe",
      refundTo: account("6"),
    },
    [
      "0xa4b1",
      word("3"),
      account("1"),
      "0x0b",
      "0x0d",
      "0x989680",
      "0x5208",
      account("4"),
      "0x05",
      account("5"),
      "0x0e",
      account("6"),
      "0xabcdef",
    ],
  ],
];

const rollups: readonly Fields[] = [
  opNote,
  opDeposit,
  opOnly,
  ...arbitrumNotes,
  ...kept.map(
    ([type, wire, items]): Fields => ({ ...wire, type, hash: keccak256(`${type}${toRlp(items as Hex[]).slice(2)}`) }),
  ),
];

test("STREAM-18: transactions that rollups write themselves come to their hash, and name their sender", () => {
  for (const wire of rollups)
    expect([hashOfWire(wire), senderOfWire(wire)], String(wire.type)).toEqual([wire.hash, wire.from]);
});

test("STREAM-18: a rollup's own transaction makes no other call, has no other sender and delegates nothing", () => {
  for (const wire of rollups) {
    for (const [field, value] of [
      ["from", account("8")],
      ["to", account("8")],
      ["value", "0x8"],
      ["input", "0x08"],
      ["type", "0x2"],
      ["type", "0x67"],
      ["type", "0x7f"],
    ] as const)
      expect(hashOfWire({ ...wire, [field]: value }), `${String(wire.type)} ${field}`).not.toBe(wire.hash);
    expect(hashOfWire({ ...wire, authorizationList: [{}] }), String(wire.type)).toBeUndefined();
    expect(hashOfWire({ ...wire, authorizationList: [] }), String(wire.type)).toBe(wire.hash);
  }
  expect(hashOfWire({ ...opNote, mint: null })).toBe(opNote.hash);
  expect(hashOfWire({ ...opNote, mint: "0x1" })).not.toBe(opNote.hash);
  expect(hashOfWire({ ...opNote, isSystemTx: true })).not.toBe(opNote.hash);
});

test("STREAM-17: the receipt of a deposit of the OP stack comes to the root of its block", () => {
  const receipt = {
    type: "0x7e",
    status: "0x1",
    cumulativeGasUsed: "0xb76d",
    logs: [],
    logsBloom: `0x${"00".repeat(256)}`,
    depositNonce: "0x111",
    depositReceiptVersion: "0x1",
  };
  const root = (fields: Fields) => parseReceipts([{ ...receipt, ...fields }], { method: "eth_getBlockReceipts" }).root;
  expect(root({})).toBe("0x8c303881b3e408cc739f55ef3e5133075d552cbec9ee987aff6b71f58cf291ee");
  for (const fields of [{ depositNonce: "0x112" }, { depositReceiptVersion: null }, { type: "0x2" }, { status: "0x0" }])
    expect(root(fields), Object.keys(fields).join()).not.toBe(root({}));
  expect(() => root({ depositNonce: null })).toThrow("depositNonce");
  // Before Canyon it had a nonce beside, and the root none.
  expect(root({ depositReceiptVersion: null })).toBe(root({ depositReceiptVersion: null, depositNonce: null }));
});

test("STREAM-17, STREAM-18: so does what a node of the OP stack makes of deposits, with logs beside other receipts", async () => {
  const anvil = await startAnvil({ noMining: true, args: ["--optimism"] });
  const node = openEndpoint(anvil.url);
  try {
    // One transaction of each: its pool takes a deposit's nonce for none.
    const accounts = (await node.request("eth_accounts")) as Hex[];
    const deposit = { gas: "0x20000", type: "0x7e", mint: "0x7", isSystemTx: false };
    // Logs two bytes and creates nothing.
    const logging = { input: "0x60026000a000" };
    for (const [i, tx] of [
      { ...deposit, to: account("2"), value: "0x5" },
      { ...deposit, ...logging },
      { gas: "0x20000", ...logging },
    ].entries())
      await node.request("eth_sendTransaction", [{ ...tx, from: accounts[i], sourceHash: word(String(i + 1)) }]);
    await node.request("evm_mine");
    const block = (await node.request("eth_getBlockByNumber", ["latest", true])) as Fields;
    const txs = block.transactions as readonly Fields[];
    expect(txs.map(({ type }) => type).sort()).toEqual(["0x2", "0x7e", "0x7e"]);
    expect(txs.map(hashOfWire)).toEqual(txs.map(({ hash }) => hash));
    expect(txs.map(senderOfWire).sort()).toEqual(accounts.slice(0, 3).sort());
    const receipts = await node.request("eth_getBlockReceipts", ["latest"]);
    const { root, logs } = parseReceipts(receipts, { method: "eth_getBlockReceipts" }, txs.length);
    expect(root).toBe(block.receiptsRoot);
    expect(logs.map(({ data }) => data)).toEqual(["0x0000", "0x0000"]);
  } finally {
    node.close();
    await anvil.stop();
  }
});
