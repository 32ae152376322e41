import { expect, test } from "vitest";
import { type PlainBlock, plainLiquidation, plainTrade, runPlain } from "../model/plainProtocol.testkit.ts";
import { detectLiqCascade } from "./detectLiqCascade.ts";

const kinds = (blocks: readonly PlainBlock[]) =>
  runPlain(detectLiqCascade, blocks).map((found) =>
    found.map((f) => `${(f.evidence as { kind: string }).kind} ${f.severity} ${f.class ?? "anomaly"}`),
  );
const holders = { 1: { size: 10, collateral: 500, required: 50, exposure: 1_000, requiredExposure: 50 } };
/** A block in which `count` accounts are liquidated for `notional` each. */
const forced = (count: number, notional: number, at: number, first = 0x100): PlainBlock => ({
  at,
  long: 1_000,
  short: 1_000,
  txs: [{ events: Array.from({ length: count }, (_, i) => plainLiquidation(first + i, notional)) }],
});

test("DERIV-08, CAT-01: more than a hundredth of the open interest within a minute is told, the same over an hour is not", () => {
  const quick = Array.from({ length: 4 }, (_, i) => forced(1, 400, 1_000 + 12 * i, 0x100 + i));
  expect(kinds(quick)).toEqual([[], [], ["rate medium anomaly"], ["rate medium anomaly"]]);
  // One account in pieces is no cascade.
  expect(kinds(quick.map((_, i) => forced(1, 400, 1_000 + 12 * i))).flat()).toEqual([]);
  const slow = Array.from({ length: 40 }, (_, i) => forced(1, 400, 1_000 + 90 * i, 0x100 + i));
  expect(kinds(slow).flat()).toEqual([]);
  expect(kinds([forced(1, 50_000, 1_000)]).flat()).toEqual([]);
});

test("DERIV-08: liquidations that cause each other are told, and with their rate they are high", () => {
  const quiet = Array.from({ length: 20 }, (_, i) => ({ at: 1_000 + 300 * i, long: 1_000, short: 1_000 }));
  // Each one is followed by others within seconds, after hours without any.
  const burst = Array.from({ length: 12 }, (_, i) => forced(i < 6 ? 3 : 2, 150, 7_000 + 4 * i));
  const found = kinds([...quiet, ...burst]).flat();
  expect(found).toContain("excitement medium anomaly");
  expect(found).toContain("rate high anomaly");
});

test("CAT-04: keepers at an even pace are no cascade, however many", () => {
  const even = Array.from({ length: 100 }, (_, i) => forced(1, 10, 1_000 + 30 * i + (i % 3)));
  expect(kinds(even).flat()).toEqual([]);
});

test("DERIV-08: what a move would leave unpaid is told where the fund lacks it, and what is unpaid already is damage", () => {
  const block = (accounts: PlainBlock["accounts"], fund: number): PlainBlock => ({
    accounts: accounts!,
    fund,
    txs: [{ events: Object.keys(accounts!).map((id) => plainTrade(Number(id), 1)) }],
  });
  expect(kinds([block(holders, 1)])).toEqual([[]]);
  // 30 of collateral against 1,000: a move of 5 % leaves 20 unpaid.
  const thin = { ...holders, 2: { size: -10, collateral: 30, required: 50, exposure: -1_000, requiredExposure: 50 } };
  expect(kinds([block(thin, 25)])).toEqual([[]]);
  expect(kinds([block(thin, 15)])).toEqual([["coverage high anomaly"]]);
  const broke = { ...holders, 2: { size: -10, collateral: -40, required: 50, exposure: -1_000, requiredExposure: 50 } };
  expect(kinds([block(broke, 30)])).toEqual([["shortfall critical damage"]]);
  const lent = { 1: { collateral: 90, debt: 100, required: 125, exposure: 90, size: 90 } };
  expect(kinds([block(lent, 0)])).toEqual([["shortfall critical damage"]]);
});
