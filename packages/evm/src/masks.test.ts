// `(1 << n) - 1` is decoded into one constant: results, gas and bounds have to be those of the six operations.
import { expect, test } from "vitest";
import { type Address, fromHex } from "./hex.ts";
import type { HookSwitches } from "./hooks.ts";
import { openEngine } from "./openEngine.ts";
import type { Outcome } from "./outcomeOf.ts";

const sender: Address = `0x${"5e".repeat(20)}`;
const place: Address = `0x${"11".repeat(20)}`;
const block = {
  number: 1n,
  timestamp: 1n,
  gasLimit: 1n << 40n,
  baseFeePerGas: 0n,
  coinbase: `0x${"cb".repeat(20)}` as Address,
  prevRandao: 0n,
  excessBlobGas: 0n,
};
const gas = 10_000_000n;
const ones = (bits: number) => (1n << BigInt(bits)) - 1n;
const hex = (value: number) => value.toString(16).padStart(2, "0");
/** PUSH1 1 PUSH1 1 PUSH1 n SHL SUB. */
const mask = (bits: number) => `60016001 60${hex(bits)} 1b03`.replaceAll(" ", "");
/** The same with a push of two bytes, which is no mask to the decoder and costs as much. */
const plain = (bits: number) => `610001${mask(bits).slice(4)}`;
const returned = "5f5260205ff3";

async function run(code: string, hooks: Partial<HookSwitches> = {}, given: bigint = gas): Promise<Outcome> {
  const accounts = new Map([[place, { balance: 0n, nonce: 1n, code: fromHex(`0x${code}`) }]]);
  const engine = await openEngine({ fork: "cancun", chainId: 1n, block, accounts, hooks });
  const input = fromHex(`0x${"a5".repeat(32)}`);
  return engine.call({ from: sender, to: place, input, gas: given });
}
const value = ({ output }: Outcome) => BigInt(`0x${Buffer.from(output).toString("hex")}`);

test("EVM-02: a mask of any width, alone, behind another push or before AND, is what its operations give, for their gas", async () => {
  const input = BigInt(`0x${"a5".repeat(32)}`);
  for (let bits = 0; bits < 256; bits += bits % 64 < 2 || bits % 64 > 61 ? 1 : 5) {
    // x & mask, then (mask - that) * 1 + 7.
    const coded = (push: string) => `5f35${push}16${push}036007${push}0116${returned}`;
    const [folded, unfolded] = [await run(coded(mask(bits))), await run(coded(plain(bits)))];
    const cut = input & ones(bits);
    const difference = BigInt.asUintN(256, ones(bits) - cut);
    expect(value(folded)).toBe(BigInt.asUintN(256, 7n + ones(bits)) & difference);
    expect([folded.output, folded.gasUsed]).toEqual([unfolded.output, unfolded.gasUsed]);
  }
});

test("EVM-02: a mask takes the two words of stack beside its result that its operations take, and no gas less", async () => {
  const full = (free: number, push: string) => `${"5f".repeat(1024 - free)}${push}00`;
  for (const push of [mask(160), plain(160)]) {
    expect((await run(full(3, push))).error).toBeUndefined();
    expect((await run(full(2, push))).error).toMatch(/^stack/);
    expect((await run(`${push}00`, {}, 15n)).error).toBeUndefined();
    expect((await run(`${push}00`, {}, 14n)).error).toBe("out of gas");
  }
});

test("EVM-02: code that is nothing but masks has room for all of their constants", async () => {
  const masks = Array.from({ length: 1_000 }, (_, i) => mask(65 + (i % 190)));
  const sum = Array.from({ length: 1_000 }, (_, i) => ones(65 + (i % 190))).reduce((a, b) => a + b);
  expect(value(await run(`${masks.join("")}${"01".repeat(999)}${returned}`))).toBe(BigInt.asUintN(256, sum));
});

test("EVM-02: the begin of a mask that the code ends in is no mask", async () => {
  const codes = Array.from({ length: 7 }, (_, i) => mask(160).slice(0, 2 * (i + 1)));
  const errors = await Promise.all(codes.map(async (code) => (await run(code)).error));
  expect(errors).toEqual(codes.map(() => undefined));
  expect(value(await run(`${mask(160)}5b${returned}`))).toBe(ones(160));
});

test("EVM-06: a mask that decides a jump is recorded as the comparison that it is", async () => {
  for (const push of [mask(0), plain(0)]) {
    const target = push.length / 2 + 4;
    const code = fromHex(`0x${push}60${hex(target)}57005b00`);
    const accounts = new Map([[place, { balance: 0n, nonce: 1n, code }]]);
    const engine = await openEngine({ fork: "cancun", chainId: 1n, block, accounts, hooks: { comparisons: true } });
    engine.call({ from: sender, to: place, input: new Uint8Array(), gas });
    expect(engine.comparisons().map(({ left, right }) => [left, right])).toEqual([[1n, 1n]]);
  }
});
