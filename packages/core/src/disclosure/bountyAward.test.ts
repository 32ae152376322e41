import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bountyAwardDown, bountyBaseDown, duplicateShareBpsDown, vestedDown } from "./bountyAward.ts";

const path = new URL("../../../../contracts/test/vectors/bounty.json", import.meta.url);
const columns: Record<string, readonly string[]> = JSON.parse(readFileSync(path, "utf8"));
const rows = columns.base!.map((_, i) =>
  Object.fromEntries(Object.entries(columns).map(([key, column]) => [key, BigInt(column[i]!)])),
) as readonly Record<string, bigint>[];

const anyUnits = fc.oneof(fc.bigInt(0n, 1_000n), fc.bigInt(0n, 10n ** 30n));
const anyBps = fc.bigInt(0n, 10_000n);

test("BOUNTY-04: the specification's example is worth 320,000", () => {
  const price = { bps: 1_000n, floor: 50_000n, cap: 1_000_000n, shareBps: 5_000n };
  expect(bountyBaseDown(3_200_000n, price, 2_000_000n)).toBe(320_000n);
});

test("BOUNTY-04: every row of the shared vectors holds", () => {
  expect(rows.length).toBe(400);
  for (const r of rows) {
    const price = { bps: r.bps!, floor: r.floor!, cap: r.cap!, shareBps: r.shareBps! };
    expect(bountyBaseDown(r.fundsAtRisk!, price, r.free!)).toBe(r.base!);
    expect(bountyAwardDown(r.base!, r.awardBps!)).toBe(r.award!);
    expect(vestedDown(r.award!, r.from!, r.end!, r.nowAt!)).toBe(r.vested!);
    expect(duplicateShareBpsDown(r.count!, true)).toBe(r.firstShare!);
    expect(duplicateShareBpsDown(r.count!, false)).toBe(r.otherShare!);
  }
});

test("BOUNTY-02: the base is within the tier and the free share, and shares of it never sum up to more", () => {
  const anyPrice = fc
    .tuple(anyBps, anyUnits, anyUnits, anyBps)
    .map(([bps, a, b, shareBps]) => ({ bps, floor: a < b ? a : b, cap: a < b ? b : a, shareBps }));
  fc.assert(
    fc.property(anyUnits, anyPrice, anyUnits, fc.array(anyBps, { maxLength: 6 }), (risk, price, free, parts) => {
      const base = bountyBaseDown(risk, price, free);
      const share = (free * price.shareBps) / 10_000n;
      expect(base <= price.cap && base <= share).toBe(true);
      expect(base >= price.floor || base === share).toBe(true);
      const total = parts.reduce((sum, part) => sum + part, 0n);
      const scaled = total > 10_000n ? parts.map((part) => (part * 10_000n) / total) : parts;
      expect(scaled.reduce((sum, part) => sum + bountyAwardDown(base, part), 0n) <= base).toBe(true);
    }),
  );
});

test("BOUNTY-02: splitting oneself into j reports among m others never pays", () => {
  for (let others = 0n; others < 12n; others++)
    for (let j = 1n; j < 8n; j++) {
      const alone = duplicateShareBpsDown(others + 1n, true);
      const split = duplicateShareBpsDown(others + j, true) + (j - 1n) * duplicateShareBpsDown(others + j, false);
      expect(split <= alone).toBe(true);
      // Behind somebody who was first: j later reports against one.
      if (others === 0n) continue;
      const later = duplicateShareBpsDown(others + 1n, false);
      // Whole 1/10,000 round each report down; the bound holds up to that.
      expect(j * duplicateShareBpsDown(others + j, false) <= later + 1n).toBe(true);
    }
});

test("BOUNTY-02: the other platforms' shares would pay a splitter", () => {
  // One against one: what a splitter gets with two reports against three in all.
  const code4rena = (n: number) => 0.85 ** (n - 1) / n;
  const immunefi = (n: number) => 0.9 ** (n - 1) / n;
  expect([code4rena(2), 2 * code4rena(3)].map((x) => x.toFixed(3))).toEqual(["0.425", "0.482"]);
  expect([immunefi(2), 2 * immunefi(3)].map((x) => x.toFixed(3))).toEqual(["0.450", "0.540"]);
});

test("BOUNTY-10: vesting in any steps ends at the whole and is never ahead of the line", () => {
  fc.assert(
    fc.property(anyUnits, fc.bigInt(1n, 10n ** 7n), fc.array(fc.bigInt(0n, 10n ** 6n)), (whole, length, steps) => {
      let [rest, from, paid] = [whole, 0n, 0n];
      for (const step of steps) {
        const nowAt = from + step;
        const vested = vestedDown(rest, from, length, nowAt);
        [rest, from, paid] = [rest - vested, nowAt, paid + vested];
        if (nowAt < length) expect(paid * length <= whole * nowAt).toBe(true);
      }
      expect(paid + vestedDown(rest, from, length, from > length ? from : length)).toBe(whole);
    }),
  );
});
