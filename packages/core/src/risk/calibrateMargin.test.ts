import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { calibrateMargin } from "./calibrateMargin.ts";
import { estimateMargin, jumpAddOn } from "./estimateMargin.ts";
import { MarginInputError, type MarginInputs, marginFields, marginRanges, WAD } from "./MarginInputs.ts";
import { profitAsCollateral } from "./profitAsCollateral.ts";

type Table = { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };
const vectors = JSON.parse(
  readFileSync(new URL("../../../../contracts/test/vectors/marginCalibrator.json", import.meta.url), "utf8"),
) as { readonly calibrate: Table; readonly profit: Table };

const toInputs = (values: readonly bigint[]) =>
  Object.fromEntries(marginFields.map((field, i) => [field, values[i]])) as MarginInputs;
const ratio = (max: number) => fc.bigInt({ min: 0n, max: BigInt(Math.round(max * 1e6)) * 10n ** 12n });
const positive = (max: number) => ratio(max).map((value) => value + 1n);
const usual: fc.Arbitrary<MarginInputs> = fc.record({
  sigma: positive(5),
  zM: positive(6),
  zI: positive(6),
  oracleDelay: fc.bigInt({ min: 0n, max: 86_400n }),
  hM: fc.bigInt({ min: 1n, max: 86_400n }),
  hI: fc.bigInt({ min: 1n, max: 86_400n }),
  jump: ratio(0.3),
  size: fc.bigInt({ min: 0n, max: 10n ** 15n }),
  depth: fc.bigInt({ min: 10n ** 9n, max: 10n ** 16n }),
  oracleDev: ratio(0.05),
  fee: ratio(0.01),
  penalty: positive(0.05),
  slippage: ratio(0.05),
  floorM: ratio(0.1),
  floorI: ratio(0.2),
  k: ratio(2),
  cover: fc.bigInt({ min: 0n, max: 10n ** 16n }),
});

test("MARGIN-05: every row of the shared vectors is what the twin computes", () => {
  expect(vectors.calibrate.columns.slice(0, marginFields.length)).toEqual(marginFields);
  expect(vectors.calibrate.rows.length).toBeGreaterThanOrEqual(300);
  for (const row of vectors.calibrate.rows) {
    const values = row.map(BigInt);
    const { mmr, imr, maxLeverage, oiCap } = calibrateMargin(toInputs(values));
    expect([mmr, imr, maxLeverage, oiCap]).toEqual(values.slice(marginFields.length));
  }
  for (const row of vectors.profit.rows) {
    const [profit, size, depth, fraction, counted] = row.map(BigInt) as [bigint, bigint, bigint, bigint, bigint];
    expect(profitAsCollateral(profit, size, depth, fraction)).toBe(counted);
  }
});

test("MARGIN-05: the floating-point closed form agrees within 1e-9 relative, the bigint one never below it", () => {
  fc.assert(
    fc.property(usual, (inputs) => {
      const exact = calibrateMargin(inputs);
      const ratioOf = (field: keyof MarginInputs) => Number(inputs[field]) / 1e18;
      const float = estimateMargin({
        ...{ sigma: ratioOf("sigma"), zM: ratioOf("zM"), zI: ratioOf("zI"), jump: ratioOf("jump") },
        ...{ oracleDev: ratioOf("oracleDev"), fee: ratioOf("fee"), penalty: ratioOf("penalty") },
        ...{ slippage: ratioOf("slippage"), floorM: ratioOf("floorM"), floorI: ratioOf("floorI") },
        oracleDelay: Number(inputs.oracleDelay),
        ...{ hM: Number(inputs.hM), hI: Number(inputs.hI) },
        ...{ size: Number(inputs.size), depth: Number(inputs.depth) },
      });
      for (const key of ["mmr", "imr"] as const) {
        const have = Number(exact[key]) / 1e18;
        // Two roundings of one wei and the float's own error, 2^-53 a step.
        expect(have).toBeGreaterThanOrEqual(float[key] * (1 - 1e-14));
        expect(have).toBeLessThanOrEqual(float[key] * (1 + 1e-9) + 3e-18);
      }
    }),
  );
});

test("MARGIN-01: margins never fall with sigma, horizons, delay or size, and never rise with depth", () => {
  const rising = ["sigma", "hM", "hI", "oracleDelay", "size", "zM", "zI", "jump", "oracleDev", "fee"] as const;
  fc.assert(
    fc.property(usual, fc.constantFrom(...rising), fc.bigInt({ min: 1n, max: 10n ** 6n }), (inputs, field, more) => {
      const before = calibrateMargin(inputs);
      const after = calibrateMargin({ ...inputs, [field]: inputs[field] + more });
      expect(after.mmr >= before.mmr && after.imr >= before.imr).toBe(true);
      const deeper = calibrateMargin({ ...inputs, depth: inputs.depth + more });
      expect(deeper.mmr <= before.mmr && deeper.imr <= before.imr).toBe(true);
    }),
  );
});

test("MARGIN-03: initial less maintenance margin covers penalty and slippage, and the OI cap the cover", () => {
  fc.assert(
    fc.property(usual, (inputs) => {
      const { mmr, imr, maxLeverage, oiCap } = calibrateMargin(inputs);
      expect(imr - mmr >= inputs.penalty + inputs.slippage && imr > mmr).toBe(true);
      expect(maxLeverage === 0n).toBe(imr >= WAD);
      expect(maxLeverage * imr <= WAD * WAD).toBe(true);
      expect(oiCap <= inputs.cover).toBe(true);
    }),
  );
});

test("a market by hand: 80 % volatility, a delay and a horizon that make a quarter of a day together", () => {
  const inputs = { ...toInputs(vectors.calibrate.rows[0]!.map(BigInt)), oracleDelay: 0n, hM: 21_600n, hI: 86_400n };
  const { mmr, imr } = calibrateMargin(inputs);
  // 3 x 0.8 x sqrt(0.25 / 365) = 0.062811..., and 0.02 + 0.01 + 0.005 + 0.001.
  expect(Number(mmr) / 1e18).toBeCloseTo(3 * 0.8 * Math.sqrt(0.25 / 365) + 0.036, 12);
  expect(Number(imr) / 1e18).toBeCloseTo(4 * 0.8 * Math.sqrt(1 / 365) + 0.036, 12);
});

test("the jump add-on is exceeded with probability eps: 16.8 % for 1 % and eta 25", () => {
  expect(jumpAddOn(0.01, 25)).toBeCloseTo(0.168, 3);
  expect((1 - jumpAddOn(0.01, 25)) ** 25).toBeCloseTo(0.01, 12);
});

test("MARGIN-07: profit counts up to its fraction and what the book would pay, never more", () => {
  const amount = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
  const some = fc.bigInt({ min: 1n, max: (1n << 128n) - 1n });
  fc.assert(
    fc.property(amount, amount, some, fc.bigInt({ min: 0n, max: WAD }), (profit, size, depth, fraction) => {
      const counted = profitAsCollateral(profit, size, depth, fraction);
      expect(counted * WAD <= profit * fraction).toBe(true);
      expect(counted === 0n || (profit - counted) * depth >= size * size).toBe(true);
    }),
  );
  // A position of 10 into a depth of 10 costs 10; into a depth of 1 it costs 100.
  expect(profitAsCollateral(100n, 10n, 10n, WAD)).toBe(90n);
  expect(profitAsCollateral(100n, 10n, 1n, WAD)).toBe(0n);
});

test("error: each field just outside its range, named", () => {
  const base = toInputs(vectors.calibrate.rows[0]!.map(BigInt));
  for (const field of marginFields) {
    const [min, max] = marginRanges[field];
    expect(() => calibrateMargin({ ...base, [field]: max + 1n })).toThrow(MarginInputError);
    expect(() => calibrateMargin({ ...base, [field]: min - 1n })).toThrow(`Margin input "${field}" is ${min - 1n}.`);
  }
  expect(() => profitAsCollateral(1n, 1n, 1n, WAD + 1n)).toThrow('Margin input "fraction"');
  expect(() => profitAsCollateral(1n, 1n, 0n, WAD)).toThrow('Margin input "depth"');
});
