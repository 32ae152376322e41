// Blobs of a transaction, against what the EIPs say.
import { expect, test } from "vitest";
import type { Fork } from "./fork.ts";
import {
  blobHash,
  gasOf,
  hashesOf,
  openRules,
  pricer,
  richBalance,
  sender,
  sendFrom,
  whyOf,
} from "./transactionRules.testkit.ts";

const paid = { maxFeePerGas: 10n, maxPriorityFeePerGas: 0n, maxFeePerBlobGas: 1n };

test.each<[Fork, number]>([
  ["cancun", 6],
  ["prague", 9],
  ["osaka", 6],
  ["bpo1", 6],
  ["bpo2", 6],
])("EVM-01: in %s a transaction has at most %i blobs (EIP-4844, EIP-7691, EIP-7594)", async (fork, most) => {
  const engine = await openRules(fork);
  const send = (count: number) => sendFrom(engine, { ...paid, blobVersionedHashes: hashesOf(count) });
  expect(gasOf(send(most))).toBe(21_000n);
  expect(whyOf(send(most + 1))).toBe(`it has ${most + 1} blobs, more than ${most}`);
  // A wei for each gas of the blobs, which nobody gets, beside the transaction's own.
  expect(engine.account(sender)!.balance).toBe(richBalance - 210_000n - BigInt(most) * 131_072n);
});

test.each<[Fork, number]>([
  ["cancun", 3_338_477],
  ["prague", 5_007_716],
  ["osaka", 5_007_716],
  ["bpo1", 8_346_193],
  ["bpo2", 11_684_671],
])(
  "EVM-01: in %s the price of blob gas grows by e with each %i of excess (EIP-7691, EIP-7892)",
  async (fork, fraction) => {
    const engine = await openRules(fork, { excessBlobGas: 10n * BigInt(fraction) });
    const { output } = engine.call({ from: sender, to: pricer });
    // e^10 is 22,026.47.
    expect(BigInt(`0x${Buffer.from(output).toString("hex")}`)).toBe(22_026n);
    const send = (maxFeePerBlobGas: bigint) =>
      sendFrom(engine, { ...paid, blobVersionedHashes: hashesOf(1), maxFeePerBlobGas });
    expect(whyOf(send(22_025n))).toBe("it pays less for blob gas than the block asks");
    expect(gasOf(send(30_000n))).toBe(21_000n);
    expect(engine.account(sender)!.balance).toBe(richBalance - 210_000n - 131_072n * 22_026n);
  },
);

test("EVM-01: a transaction of the kind that has blobs has some, of version 1, and creates nothing (EIP-4844)", async () => {
  const engine = await openRules("osaka");
  const send = (changes: object) => whyOf(sendFrom(engine, { ...paid, blobVersionedHashes: hashesOf(1), ...changes }));
  expect(send({ blobVersionedHashes: [] })).toBe("it is of the kind that has blobs, and has none");
  expect(send({ blobVersionedHashes: [blobHash(), blobHash(2)] })).toMatch(/another version than 1/);
  expect(send({ to: null })).toBe("it has blobs and creates a contract");
  expect(send({})).toBeUndefined();
});

test("EVM-01: who could not pay the highest price of its blobs does not send them (EIP-4844)", async () => {
  const engine = await openRules("prague");
  const most = (richBalance - 210_000n) / 131_072n;
  const send = (maxFeePerBlobGas: bigint) =>
    sendFrom(engine, { ...paid, gas: 21_000n, blobVersionedHashes: hashesOf(1), maxFeePerBlobGas });
  expect(whyOf(send(most + 1n))).toMatch(/^it may cost/);
  expect(gasOf(send(most))).toBe(21_000n);
});
