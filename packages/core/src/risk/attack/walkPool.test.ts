import fc from "fast-check";
import { expect, test } from "vitest";
import { deepen, fullRangePool, type LiquidityRange, type Pool, toPool } from "./Pool.ts";
import { capitalFor, pushCost, roundTripCost, walkPool } from "./walkPool.ts";

const euler = fullRangePool({ id: "dai-usdc", quote: 50_000, base: 50_000, fee: 0 });
const limits = [2 ** -128, 2 ** 128] as const;
const concentrated = (ranges: readonly LiquidityRange[], price = 1, fee = 0) =>
  toPool({ id: "pool", price, fee, ranges, limits });

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const pools: fc.Arbitrary<Pool> = fc
  .record({ cuts: fc.array(between(0.05, 20), { minLength: 2, maxLength: 6 }), price: between(0.5, 2) })
  .chain(({ cuts, price }) => {
    const edges = [...new Set(cuts)].sort((a, b) => a - b);
    return fc.array(between(0, 1e6), { minLength: edges.length - 1, maxLength: edges.length - 1 }).map((depths) =>
      concentrated(
        depths.map((liquidity, i) => ({ lower: edges[i]!, upper: edges[i + 1]!, liquidity })),
        price,
        0.003,
      ),
    );
  });

test("RISK-60: one range of L = 50,000 costs 415.802 up to 1.2 and 6,066.017 up to 2, as over the full range", () => {
  const one = concentrated([{ lower: 0.5, upper: 4, liquidity: 50_000 }]);
  for (const pool of [euler, one]) {
    expect(walkPool(pool, 1.2).loss).toBeCloseTo(415.802, 3);
    expect(walkPool(pool, 2).loss).toBeCloseTo(6_066.017, 3);
  }
});

test("RISK-60: the walk agrees with L (sqrt q - sqrt p)^2 / sqrt q, up and down, and with the reserves' product", () => {
  fc.assert(
    fc.property(between(1, 1e9), between(1, 1e9), between(-12, 12), (quote, base, log) => {
      const pool = fullRangePool({ id: "pool", quote, base, fee: 0 });
      const [p, q] = [pool.price, pool.price * Math.exp(log)];
      const walk = walkPool(pool, q);
      const loss = (Math.sqrt(quote * base) * (Math.sqrt(q) - Math.sqrt(p)) ** 2) / Math.sqrt(q);
      // The square of a difference loses digits where q is near p; the walk does not.
      expect(Math.abs(walk.loss - loss)).toBeLessThanOrEqual(1e-9 * loss + 1e-12 * quote);
      const sign = q > p ? 1 : -1;
      expect(((quote + sign * walk.quote) * (base - sign * walk.base)) / (quote * base)).toBeCloseTo(1, 7);
    }),
  );
});

test("the loss is the integral of the distance from the fair price over what is traded", () => {
  const pool = concentrated([
    { lower: 0.7, upper: 0.9, liquidity: 4_000 },
    { lower: 0.9, upper: 1.1, liquidity: 90_000 },
    { lower: 1.3, upper: 1.5, liquidity: 2_000 },
  ]);
  const liquidityAt = (price: number) => pool.ranges.find((r) => r.lower <= price && price < r.upper)?.liquidity ?? 0;
  for (const spot of [0.75, 1.05, 1.2, 1.45]) {
    // dx = L / (2 price^1.5) d price, by midpoints.
    const steps = 400_000;
    let [base, loss] = [0, 0];
    for (let i = 0; i < steps; i += 1) {
      const price = 1 + ((spot - 1) * (i + 0.5)) / steps;
      const traded = ((liquidityAt(price) / (2 * price ** 1.5)) * Math.abs(spot - 1)) / steps;
      base += traded;
      loss += traded * Math.abs(price - 1);
    }
    expect(walkPool(pool, spot).base / base).toBeCloseTo(1, 4);
    expect(walkPool(pool, spot).loss / loss).toBeCloseTo(1, 4);
  }
});

test("RISK-60: past the last range the price runs free: the cost is flat, and the report names side and tick", () => {
  const pool = concentrated([{ lower: 0.5, upper: 2, liquidity: 1_000, ticks: [-6_932, 6_931] }]);
  const [at, past, far] = [2, 2.000_001, 1e30].map((spot) => walkPool(pool, spot));
  expect(at!.unbounded).toBeUndefined();
  expect([past!.unbounded, far!.unbounded]).toEqual(Array(2).fill({ side: "above", price: 2, tick: 6_931 }));
  expect([past!.loss, far!.loss]).toEqual([at!.loss, at!.loss]);
  expect(walkPool(pool, 0.1).unbounded).toEqual({ side: "below", price: 0.5, tick: -6_932 });
  expect(walkPool(pool, 0.1).loss).toBe(walkPool(pool, 0.5).loss);
  expect(walkPool(concentrated([]), 1.1)).toMatchObject({ loss: 0, unbounded: { side: "above", price: 1 } });
  expect(walkPool(euler, 1e38).unbounded).toBeUndefined();
});

test("RISK-60: a deeper pool is never cheaper to move, and all that it costs is in proportion to its depth", () => {
  fc.assert(
    fc.property(pools, between(0.01, 100), between(1, 50), (pool, spot, factor) => {
      const deeper = deepen(pool, factor);
      for (const measure of [pushCost, roundTripCost, capitalFor]) {
        const before = measure(pool, walkPool(pool, spot));
        expect(measure(deeper, walkPool(deeper, spot))).toBeGreaterThanOrEqual(before);
        expect(measure(deeper, walkPool(deeper, spot))).toBeCloseTo(before * factor, before * factor > 1e6 ? 0 : 4);
      }
    }),
  );
});

test("further from the fair price is never cheaper", () => {
  fc.assert(
    fc.property(pools, between(-4, 4), between(1, 3), (pool, log, factor) => {
      const [near, far] = [log, log * factor].map((at) => walkPool(pool, pool.price * Math.exp(at)));
      expect(pushCost(pool, far!)).toBeGreaterThanOrEqual(pushCost(pool, near!) * (1 - 1e-12));
      expect(roundTripCost(pool, far!)).toBeGreaterThanOrEqual(roundTripCost(pool, near!) * (1 - 1e-12));
    }),
  );
});

test("error: a pool without a price, with ranges that overlap or end before they begin, or with a fee of all", () => {
  const range = { lower: 1, upper: 2, liquidity: 1 };
  expect(() => concentrated([range, { ...range, lower: 1.5, upper: 3 }])).toThrow('"ranges[1].lower" is 1.5');
  expect(() => concentrated([{ ...range, upper: 1 }])).toThrow('"ranges[0].upper" is 1');
  expect(() => concentrated([{ ...range, liquidity: -1 }])).toThrow('"ranges[0].liquidity" is -1');
  expect(() => concentrated([range], Number.NaN)).toThrow('"price" is NaN');
  expect(() => concentrated([range], 1, 1)).toThrow('"fee" is 1');
  expect(() => fullRangePool({ id: "pool", quote: 0, base: 1, fee: 0 })).toThrow('"quote" is 0');
});
