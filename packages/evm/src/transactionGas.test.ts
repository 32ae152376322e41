// The gas that a transaction may have and must pay, against what the EIPs say.
import { expect, test } from "vitest";
import type { Fork } from "./fork.ts";
import {
  clearer,
  empty,
  gasOf,
  known,
  openRules,
  richBalance,
  sender,
  sendFrom,
  storer,
  whyOf,
} from "./transactionRules.testkit.ts";

/** 100 bytes and 50 zeros: 450 tokens, 1,800 gas at 4 a token and 4,500 at 10 (EIP-7623). */
const data = new Uint8Array(150).fill(7, 0, 100);

test.each<Fork>(["osaka", "bpo1", "bpo2"])(
  "EVM-01: in %s a transaction has at most 16,777,216 gas, whatever its block has (EIP-7825)",
  async (fork) => {
    const engine = await openRules(fork);
    expect(gasOf(sendFrom(engine, { gas: 16_777_216n }))).toBe(21_000n);
    expect(whyOf(sendFrom(engine, { gas: 16_777_217n }))).toMatch(/more than the 16777216/);
    expect(engine.account(sender)!.nonce).toBe(1n);
  },
);

test.each<Fork>(["cancun", "prague"])("EVM-01: in %s the block alone bounds a transaction's gas", async (fork) => {
  const engine = await openRules(fork, { gasLimit: 30_000_000n });
  expect(gasOf(sendFrom(engine, { gas: 30_000_000n }))).toBe(21_000n);
  expect(whyOf(sendFrom(engine, { gas: 30_000_001n }))).toMatch(/the block's 30000000/);
});

test("EVM-01: the cap of EIP-7825 is the transaction's, and a call is no transaction", async () => {
  const engine = await openRules("osaka");
  expect(engine.call({ from: sender, to: storer, gas: 16_777_217n }).succeeded).toBe(true);
});

test("EVM-08: gas that does not fit 63 bits is refused, never taken for another number", async () => {
  const engine = await openRules("cancun", { gasLimit: 1n << 70n });
  const batch = engine.openBatch();
  for (const gas of [1n << 63n, 1n << 64n, (1n << 64n) + 100_000n, -1n]) {
    expect(sendFrom(engine, { gas, gasPrice: 0n, to: known }).kind).toBe("invalid");
    expect(() => engine.call({ from: sender, to: storer, gas })).toThrow(`The gas of a message is ${gas}.`);
    await expect(engine.callAsync({ from: sender, to: storer, gas })).rejects.toThrow("The gas of a message");
    expect(() => batch.add({ from: sender, to: storer, gas, inputLength: 0 })).toThrow("The gas of a message");
  }
  expect(() => engine.call({ from: sender, to: storer })).toThrow(`The gas of a message is ${1n << 70n}.`);
  expect(batch.length).toBe(0);
  expect(engine.slot(storer, 0n) ?? 0n).toBe(0n);
});

test("EVM-08: gas of 63 bits is counted to the unit", async () => {
  const used = async (gas: bigint) => (await openRules("cancun")).call({ from: sender, to: storer, gas }).gasUsed;
  expect(await used((1n << 63n) - 1n)).toBe(await used(100_000n));
});

test.each<[Fork, bigint]>([
  ["cancun", 22_800n],
  ["prague", 25_500n],
  ["osaka", 25_500n],
])(
  "EVM-01: in %s call data of 450 tokens costs %i gas with the transaction, and no less is taken (EIP-7623)",
  async (fork, gas) => {
    const engine = await openRules(fork);
    expect(whyOf(sendFrom(engine, { input: data, gas: gas - 1n }))).toMatch(/costs in any case/);
    expect(gasOf(sendFrom(engine, { input: data, gas }))).toBe(gas);
    expect(engine.account(sender)!.balance).toBe(richBalance - gas * 10n);
  },
);

test("EVM-01: what ran and the floor of EIP-7623 are not added: the greater is paid, after the refund", async () => {
  // 21,000 and 1,800 of data, 5,006 to clear a slot that is cold, less 4,800 for it (EIP-3529).
  const [before, since] = [await openRules("cancun"), await openRules("prague")];
  expect(gasOf(sendFrom(before, { to: clearer, input: data }))).toBe(23_006n);
  expect(gasOf(sendFrom(since, { to: clearer, input: data }))).toBe(25_500n);
  // 50 tokens: the floor of 21,500 is above 21,200 + 5,006 - 4,800.
  const few = new Uint8Array(50);
  expect(gasOf(sendFrom(await openRules("prague"), { to: clearer, input: few }))).toBe(21_500n);
  expect(gasOf(sendFrom(await openRules("prague"), { to: clearer, input: empty }))).toBe(21_206n);
  // What is above the floor by itself pays nothing for it: 22,128 to store and to fail.
  expect(gasOf(sendFrom(before, { to: storer, input: data }))).toBe(44_928n);
  expect(gasOf(sendFrom(since, { to: storer, input: data }))).toBe(44_928n);
});

test("EVM-01: a creation pays for its init code beside the floor of EIP-7623", async () => {
  // 53,000, 450 tokens at 4, and 2 for each of 5 words (EIP-3860): above a floor of 25,500. The code fails at once.
  const failing = data.with(0, 0xfe);
  const engine = await openRules("prague");
  expect(whyOf(sendFrom(engine, { to: null, input: failing, gas: 54_809n }))).toMatch(/less than the 54810/);
  expect(gasOf(sendFrom(engine, { to: null, input: failing, gas: 54_810n }))).toBe(54_810n);
});

test("EVM-01: a transaction that names no price pays the base fee, and must have it", async () => {
  const engine = await openRules("cancun");
  const tx = { to: storer, value: 0n, input: empty, gas: 50_000n };
  expect(whyOf(engine.send({ ...tx, from: known }))).toMatch(/may cost 500000 wei, and its sender has 1/);
  expect(engine.account(known)!.balance).toBe(1n);
  const used = gasOf(engine.send({ ...tx, from: sender }))!;
  expect(engine.account(sender)!.balance).toBe(richBalance - used * 10n);
});
