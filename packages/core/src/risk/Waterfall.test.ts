import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { marketCapLeftDown, minTrancheAssets, splitLoss } from "./Waterfall.ts";

const path = new URL("../../../../contracts/test/vectors/fund.json", import.meta.url);
const columns: Record<string, readonly string[]> = JSON.parse(readFileSync(path, "utf8"));
const rows = columns.amount!.map((_, i) => {
  const of = (key: string) => BigInt(columns[key]![i]!);
  return {
    layers: { pot: of("pot"), firstLoss: of("firstLoss"), junior: of("junior"), senior: of("senior") },
    payment: {
      fromPot: of("fromPot"),
      fromProtocol: of("fromProtocol"),
      fromJunior: of("fromJunior"),
      fromSenior: of("fromSenior"),
      residual: of("residual"),
    },
    amount: of("amount"),
    capBps: of("capBps"),
    taken: of("taken"),
    capLeft: of("capLeft"),
  };
});

const anyUnits = fc.oneof(fc.bigInt(0n, 3_000_000n), fc.bigInt(0n, 10n ** 30n));
const anyLayers = fc.record({ pot: anyUnits, firstLoss: anyUnits, junior: anyUnits, senior: anyUnits });

test("FUND-01: every row of the shared vectors holds", () => {
  expect(rows.length).toBe(320);
  for (const { layers, payment, amount, capBps, taken, capLeft } of rows) {
    expect(marketCapLeftDown(capBps, taken, layers)).toBe(capLeft);
    expect(splitLoss(amount, capLeft, layers)).toEqual(payment);
  }
});

test("FUND-01: the layers and the residual sum up to the loss, and no layer gives more than it has", () => {
  fc.assert(
    fc.property(anyUnits, anyUnits, anyLayers, (amount, capLeft, layers) => {
      const p = splitLoss(amount, capLeft, layers);
      expect(p.fromPot + p.fromProtocol + p.fromJunior + p.fromSenior + p.residual).toBe(amount);
      expect(p.fromPot <= layers.pot && p.fromProtocol <= layers.firstLoss).toBe(true);
      expect(p.fromJunior === 0n || layers.junior - p.fromJunior >= minTrancheAssets).toBe(true);
      expect(p.fromSenior === 0n || layers.senior - p.fromSenior >= minTrancheAssets).toBe(true);
      expect(Object.values(p).every((part) => part >= 0n)).toBe(true);
    }),
  );
});

test("FUND-02: a layer pays only when those before it are spent", () => {
  fc.assert(
    fc.property(anyUnits, anyUnits, anyLayers, (amount, capLeft, layers) => {
      const p = splitLoss(amount, capLeft, layers);
      if (p.fromProtocol > 0n) expect(p.fromPot).toBe(layers.pot);
      if (p.fromJunior > 0n) expect(p.fromProtocol).toBe(layers.firstLoss);
      if (p.fromSenior > 0n) expect(layers.junior - p.fromJunior <= minTrancheAssets).toBe(true);
    }),
  );
});

test("FUND-06: a market's takings stay within its share of the fund as it was, however often it takes", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10_000n), anyLayers, fc.array(anyUnits, { maxLength: 8 }), (capBps, layers, losses) => {
      const fund = layers.firstLoss + layers.junior + layers.senior;
      let left = { ...layers, pot: 0n };
      let taken = 0n;
      for (const loss of losses) {
        const p = splitLoss(loss, marketCapLeftDown(capBps, taken, left), left);
        left = {
          pot: 0n,
          firstLoss: left.firstLoss - p.fromProtocol,
          junior: left.junior - p.fromJunior,
          senior: left.senior - p.fromSenior,
        };
        taken += loss - p.residual;
        expect(taken * 10_000n <= fund * capBps).toBe(true);
      }
    }),
  );
});

test("FUND-01: figures by hand: a loss of 100 beyond a pot of 10, with 40 % of a fund of 100 to take", () => {
  const unit = 1_000_000n;
  const layers = { pot: 10n * unit, firstLoss: 20n * unit, junior: 11n * unit, senior: 69n * unit };
  const capLeft = marketCapLeftDown(4_000n, 0n, layers);
  expect(capLeft).toBe(40n * unit);
  expect(splitLoss(100n * unit, capLeft, layers)).toEqual({
    fromPot: 10n * unit,
    fromProtocol: 20n * unit,
    fromJunior: 10n * unit,
    fromSenior: 10n * unit,
    residual: 50n * unit,
  });
});
