import fc from "fast-check";
import { expect, test } from "vitest";
import { type InitialisedTick, poolFromTicks, type TickedPool } from "./poolFromTicks.ts";
import { walkPool } from "./walkPool.ts";

type Position = { readonly lower: number; readonly upper: number; readonly liquidity: bigint };

const ticksOf = (positions: readonly Position[]): readonly InitialisedTick[] =>
  positions.flatMap(({ lower, upper, liquidity }) => [
    { tick: lower, liquidityNet: liquidity },
    { tick: upper, liquidityNet: -liquidity },
  ]);
const positions = fc.array(
  fc.record({
    lower: fc.integer({ min: -9_000, max: -1 }),
    upper: fc.integer({ min: 1, max: 9_000 }),
    liquidity: fc.bigInt({ min: 1n, max: 10n ** 20n }),
  }),
  { minLength: 1, maxLength: 6 },
);
const told = (ticks: readonly InitialisedTick[], rest: Partial<TickedPool> = {}): TickedPool => ({
  ...{ id: "pool", sqrtPriceX96: 2n ** 96n, ticks, decimals: [18, 18], baseIsToken0: true, fee: 0 },
  ...rest,
});

test("RISK-60: moving a pool costs what moving each of its positions would", () => {
  fc.assert(
    fc.property(positions, fc.double({ min: 0.3, max: 3, noNaN: true }), (all, spot) => {
      const together = walkPool(poolFromTicks(told(ticksOf(all))), spot).loss;
      const apart = all.map((position) => walkPool(poolFromTicks(told(ticksOf([position]))), spot).loss);
      const sum = apart.reduce((total, loss) => total + loss, 0);
      expect(Math.abs(together - sum)).toBeLessThanOrEqual(1e-9 * sum);
    }),
  );
});

test("RISK-60: a pool told in its other token costs the same, at the fair price", () => {
  const sqrtPriceX96 = (2n ** 96n * 3n) / 2n;
  fc.assert(
    fc.property(positions, fc.double({ min: 0.3, max: 6, noNaN: true }), (all, spot) => {
      const ticks = ticksOf(all.map((position) => ({ ...position, upper: position.upper + 9_000 })));
      const pool = poolFromTicks(told(ticks, { sqrtPriceX96, decimals: [8, 6] }));
      const other = poolFromTicks(told(ticks, { sqrtPriceX96, decimals: [8, 6], baseIsToken0: false }));
      expect(pool.price).toBeCloseTo(225, 9);
      expect(other.price).toBeCloseTo(1 / 225, 12);
      const [loss, otherLoss] = [walkPool(pool, spot * 100).loss, walkPool(other, 0.01 / spot).loss * 225];
      expect(Math.abs(loss - otherLoss)).toBeLessThanOrEqual(1e-9 * loss);
    }),
  );
});

test("a real pair's scale: USDC of 6 decimals against ether of 18, with the ticks at which liquidity ends", () => {
  // 1 ether = 2,000 USDC: token1 per token0 in units is 10^18 / (2,000 10^6), tick 200,311.
  const sqrtPriceX96 = BigInt(Math.round(Math.sqrt(5e8) * 2 ** 20)) << 76n;
  const ticks = ticksOf([{ lower: 198_080, upper: 202_560, liquidity: 2n * 10n ** 18n }]);
  const pool = poolFromTicks(told(ticks, { sqrtPriceX96, decimals: [6, 18], baseIsToken0: false }));
  expect(pool.price).toBeCloseTo(2_000, 4);
  expect(pool.ranges[0]!.liquidity).toBe(2e6);
  expect(pool.ranges[0]!.lower).toBeCloseTo(1e12 / 1.0001 ** 202_560, 3);
  expect(walkPool(pool, 1e4).unbounded).toMatchObject({ side: "above", tick: 198_080 });
  expect(walkPool(pool, 1_000).unbounded).toMatchObject({ side: "below", tick: 202_560 });
});

test("error: ticks whose liquidity does not end at zero, falls below it, or that no pool has", () => {
  const at = (tick: number, liquidityNet: bigint) => ({ tick, liquidityNet });
  expect(() => poolFromTicks(told([at(-10, 5n), at(10, -4n)]))).toThrow('"liquidityNet" is 1');
  expect(() => poolFromTicks(told([at(-10, -5n), at(10, 5n)]))).toThrow('"liquidityNet" is -5');
  expect(() => poolFromTicks(told([at(-887_273, 5n), at(10, -5n)]))).toThrow('"tick" is -887273');
});
