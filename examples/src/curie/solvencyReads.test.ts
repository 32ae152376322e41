import { encodeAbiParameters, pad } from "viem/utils";
import { expect, test } from "vitest";
import {
  type AccountState,
  type MarketState,
  measureSolvency,
  traderOfLog,
  traderTopics,
  valueAt,
} from "./solvencyReads.ts";

const wad = (x: number) => BigInt(Math.round(x * 1e6)) * 10n ** 12n;
const usdc = (x: number) => BigInt(Math.round(x * 1e6));
const trader = "0x00000000000000000000000000000000000000A1";
const account = (value: number, size: number): AccountState => ({ trader, valueUsdc: usdc(value), sizeWad: wad(size) });

/** Mark at 105 on its way from 100 to a pool price of 120. */
const pumped: MarketState = {
  markWad: wad(105),
  indexWad: wad(118),
  laggedIndexWad: wad(100),
  poolWad: wad(120),
  vaultUsdc: usdc(1_000),
  fundUsdc: usdc(100),
};

test("a long is worth its size less for each dollar the price falls", () => {
  expect(valueAt(account(500, 10), pumped, wad(100))).toBe(usdc(450));
});

test("a short is worth its size more for each dollar the price falls", () => {
  expect(valueAt(account(500, -10), pumped, wad(100))).toBe(usdc(550));
});

test("an account without position is worth the same at every price", () => {
  expect(valueAt(account(500, 0), pumped, wad(1))).toBe(usdc(500));
});

test("a long bought at the top is bad debt at the lagged price", () => {
  const { badDebtUsdc, badDebtAtPoolUsdc } = measureSolvency([account(20, 10)], pumped);
  expect([badDebtUsdc, badDebtAtPoolUsdc]).toEqual([usdc(30), 0n]);
});

test("a healthy short that the pool's price ruins is margin at risk", () => {
  const { marginAtRiskUsdc, badDebtAtPoolUsdc } = measureSolvency([account(100, -10)], pumped);
  expect([marginAtRiskUsdc, badDebtAtPoolUsdc]).toEqual([usdc(150), usdc(50)]);
});

test("an early long shows its profit at the pool's price as unearned", () => {
  expect(measureSolvency([account(300, 10)], pumped).unearnedProfitUsdc).toBe(usdc(200));
});

test("nothing is at risk while pool and lagged index agree", () => {
  const calm = { ...pumped, markWad: wad(100), poolWad: wad(100) };
  expect(measureSolvency([account(50, 10), account(50, -10)], calm)).toEqual({
    badDebtUsdc: 0n,
    badDebtAtPoolUsdc: 0n,
    marginAtRiskUsdc: 0n,
    unearnedProfitUsdc: 0n,
  });
});

test("a deposit names its trader in the third topic, a market event in the second", () => {
  const [other, named] = [pad("0x01"), encodeAbiParameters([{ type: "address" }], [trader])];
  expect(traderOfLog([traderTopics.Deposited, other, named])).toBe(trader);
  expect(traderOfLog([traderTopics.PositionChanged, named, other])).toBe(trader);
  expect(traderOfLog([traderTopics.LiquidityChanged, named, other, other])).toBe(trader);
  expect(traderOfLog([other, named, named])).toBeUndefined();
});
