// Amounts that fit no field of the chain: refused, never taken for others.
import fc from "fast-check";
import { expect, test } from "vitest";
import { hashesOf, known, openRules, sender, sendFrom, storer, whyOf } from "./transactionRules.testkit.ts";

const word = 1n << 256n;
const outside = fc.oneof(
  fc.bigInt(-word, -1n),
  fc.bigInt(word, word * word),
  fc.constantFrom(-1n, word, word + 1n, -word),
);

test("EVM-01: a transaction with an amount below zero is refused, and pays nobody", async () => {
  const engine = await openRules("osaka");
  const price = { maxFeePerGas: 20n };
  for (const [name, amount] of [
    ["value", { value: -1n }],
    ["value", { value: -1n, accessList: [] }],
    ["gasPrice", { gasPrice: -1n }],
    ["maxPriorityFeePerGas", { ...price, maxPriorityFeePerGas: -1n }],
    ["maxFeePerBlobGas", { ...price, maxFeePerBlobGas: -1n, blobVersionedHashes: hashesOf(1) }],
    ["nonce", { nonce: -1n }],
  ] as const) {
    const before = engine.accounts();
    expect(whyOf(sendFrom(engine, amount)), name).toBe(`its ${name} is -1, below zero`);
    expect(engine.accounts()).toEqual(before);
  }
});

test("EVM-01: a transaction whose access list names a key that fits no slot is refused", async () => {
  const engine = await openRules("cancun");
  for (const key of [word, -1n]) {
    const accessList = [{ address: storer, storageKeys: [0n, key] }];
    expect(whyOf(sendFrom(engine, { accessList }))).toBe("a key of its access list fits no slot");
  }
});

test("EVM-08: a value of a message that fits no word is refused, never taken for another", async () => {
  const engine = await openRules("cancun");
  const message = { from: sender, to: storer, gas: 100_000n, inputLength: 0 };
  fc.assert(
    fc.property(outside, (value) => {
      const before = engine.accounts();
      expect(() => engine.call({ from: sender, to: storer, value })).toThrow(RangeError);
      expect(() => engine.batch([{ ...message, value, input: new Uint8Array() }])).toThrow(RangeError);
      expect(engine.accounts()).toEqual(before);
    }),
  );
  expect(engine.call({ from: sender, to: storer, value: word - 1n }).error).toBe("insufficient balance for transfer");
});

test("EVM-01: a creation by an account that has used the last nonce fails, and its nonce stays (EIP-2681)", async () => {
  const engine = await openRules("cancun");
  const last = (1n << 64n) - 1n;
  engine.setNonce(sender, last);
  const outcome = engine.call({ from: sender, to: null, input: Uint8Array.of(0) });
  expect(outcome).toMatchObject({ succeeded: false, error: "nonce uint64 overflow", gasUsed: 0n });
  expect(engine.account(sender)!.nonce).toBe(last);
});

test("EVM-08: what is set by hand fits its place, or is refused and changes nothing", async () => {
  const engine = await openRules("cancun");
  fc.assert(
    fc.property(outside, (amount) => {
      const before = engine.accounts();
      expect(() => engine.setBalance(known, amount)).toThrow(RangeError);
      expect(() => engine.setNonce(known, amount)).toThrow(RangeError);
      expect(() => engine.setStorage(storer, amount, 1n)).toThrow(RangeError);
      expect(() => engine.setStorage(storer, 1n, amount)).toThrow(RangeError);
      expect(() => engine.load(known, { balance: amount, nonce: 0n, code: new Uint8Array() })).toThrow(RangeError);
      expect(() => engine.load(known, { balance: 0n, nonce: amount, code: new Uint8Array() })).toThrow(RangeError);
      expect(engine.accounts()).toEqual(before);
    }),
  );
  expect(() => engine.setNonce(known, 1n << 64n)).toThrow("is 18446744073709551616");
  engine.setBalance(known, word - 1n);
  engine.setNonce(known, (1n << 64n) - 1n);
  expect(engine.account(known)).toMatchObject({ balance: word - 1n, nonce: (1n << 64n) - 1n });
});

test("EVM-04: a block that cannot be entered leaves the engine in the one before", async () => {
  const engine = await openRules("cancun");
  const before = sendFrom(engine, {});
  const good = { number: 9n, timestamp: 9n, gasLimit: 1n << 40n, baseFeePerGas: 11n, coinbase: known };
  const rest = { prevRandao: 0n, excessBlobGas: 0n };
  for (const block of [
    { ...good, ...rest, prevRandao: word },
    { ...good, ...rest, baseFeePerGas: -1n },
    { ...good, ...rest, coinbase: "0xnobody" as const },
  ]) {
    expect(() => engine.setBlock(block)).toThrow();
    // It pays the base fee of the first block, which the second would not take.
    expect(sendFrom(engine, {})).toEqual(before);
  }
});
