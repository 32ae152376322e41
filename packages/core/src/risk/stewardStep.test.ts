import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { rampDown } from "./rampDown.ts";
import { lossUp, stewardLoss } from "./stewardLoss.ts";
import { highestStep, loosestAfter, lowestStep, stepBpsUp } from "./stewardStep.ts";

type Table = { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };
const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../contracts/test/vectors/${name}.json`, import.meta.url), "utf8"));
const { steps, ramps, losses } = read("riskSteward") as Record<"steps" | "ramps" | "losses", Table>;
const { markets } = read("stewardLoss") as { readonly markets: Table };
const rowsOf = ({ columns, rows }: Table) =>
  rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, BigInt(row[i]!)])));

const most = (1n << 128n) - 1n;
const amount = fc.bigInt({ min: 1n, max: most });
const bps = fc.bigInt({ min: 1n, max: 65_535n });

test("STEWARD-02: every row of the shared vectors is what the twins compute", () => {
  expect(steps.rows.length + ramps.rows.length + losses.rows.length).toBeGreaterThanOrEqual(200);
  for (const row of rowsOf(steps)) {
    const bounds = { ...row, relative: row.relative === 1n } as never;
    expect(stepBpsUp(row.value!, row.other!, bounds)).toBe(row.stepBps);
    expect(highestStep(row.value!, bounds)).toBe(row.highest);
    expect(lowestStep(row.value!, bounds)).toBe(row.lowest);
    expect(loosestAfter(row.value!, true, row.count!, bounds)).toBe(row.loosestUp);
    expect(loosestAfter(row.value!, false, row.count!, bounds)).toBe(row.loosestDown);
  }
  for (const row of rowsOf(ramps)) expect(rampDown(row.from!, row.to!, row.start!, row.end!, row.now!)).toBe(row.value);
  for (const row of rowsOf(losses)) expect(lossUp(row.openInterest!, row.margin!, row.lower!)).toBe(row.loss);
});

test("STEWARD-02: the furthest step is allowed and one unit more is not, up and down, relative and absolute", () => {
  fc.assert(
    fc.property(amount, amount, bps, fc.boolean(), (a, b, maxStepBps, relative) => {
      const [value, ceil] = a < b ? [a, b] : [b, a];
      const bounds = { maxStepBps, relative, floor: 0n, ceil };
      const [high, low] = [highestStep(value, bounds), lowestStep(value, bounds)];
      expect(stepBpsUp(value, high, bounds) <= maxStepBps && stepBpsUp(value, low, bounds) <= maxStepBps).toBe(true);
      if (high < ceil) expect(stepBpsUp(value, high + 1n, bounds) > maxStepBps).toBe(true);
      if (low > 0n) expect(stepBpsUp(value, low - 1n, bounds) > maxStepBps).toBe(true);
    }),
  );
});

test("STEWARD-05: a ramp stays between its ends, never ahead of its time", () => {
  fc.assert(
    fc.property(amount, amount, fc.bigInt({ min: 1n, max: 1n << 32n }), fc.nat(), (from, to, length, when) => {
      const passed = BigInt(when) % length;
      const value = rampDown(from, to, 100n, 100n + length, 100n + passed);
      const [gone, whole] = from < to ? [value - from, to - from] : [from - value, from - to];
      expect(gone >= 0n && gone * length <= whole * passed && (gone + 1n) * length > whole * passed).toBe(true);
      expect(rampDown(from, to, 100n, 100n + length, 100n + length)).toBe(to);
    }),
  );
});

test("STEWARD-06: the loss of each published market is its open interest times the drift of its margin", () => {
  for (const row of rowsOf(markets)) {
    const marginBounds = { maxStepBps: row.maxStepBps!, relative: true, floor: row.floor!, ceil: row.ceil! };
    const inputs = { openInterestCeil: row.openInterestCeil!, margin: row.margin!, marginBounds };
    expect(stewardLoss({ ...inputs, cooldown: row.cooldown!, vetoTime: row.vetoTime! })).toBe(row.loss);
  }
  // 5 % margin, two steps of 5 % within a day: 0.05 - 0.05 / 1.05^2 of 500 million (6 decimals).
  expect(Number(markets.rows[0]!.at(-1)) / 1e6).toBeCloseTo(5e8 * (0.05 - 0.05 / 1.05 ** 2), 3);
});
