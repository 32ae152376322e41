import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { maxTick, tickPriceDown } from "./tickPrice.ts";

const wad = 10n ** 18n;
const path = new URL("../../../../contracts/test/vectors/tickPrice.json", import.meta.url);
const { prices } = JSON.parse(readFileSync(path, "utf8")) as {
  readonly prices: { readonly rows: readonly (readonly [string, string, string])[] };
};

test("ORACLE-08: every price of the shared vectors is what the twin computes", () => {
  expect(prices.rows.length).toBeGreaterThanOrEqual(170);
  for (const [tick, scale, price] of prices.rows)
    expect(tickPriceDown(BigInt.asIntN(256, BigInt(tick)), BigInt(scale))).toBe(BigInt(price));
});

test("ORACLE-08: known prices: the first ticks, and 1.0001^69,081 just below a thousand", () => {
  expect(tickPriceDown(0n, wad)).toBe(wad);
  expect(tickPriceDown(1n, wad)).toBe(1_000_100_000_000_000_000n);
  expect(tickPriceDown(-1n, wad)).toBe(999_900_009_999_000_099n);
  expect(tickPriceDown(2n, 10n ** 8n)).toBe(100_020_001n);
  expect(tickPriceDown(69_081n, wad)).toBe(999_999_339_043_354_493_036n);
});

test("ORACLE-08: the last price is that of Uniswap's own greatest root, within one part in 2^62", () => {
  // TickMath.MAX_SQRT_RATIO, Q96.
  const root = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342n;
  const [have, want] = [tickPriceDown(maxTick, 1n << 64n), (root * root) >> 128n];
  expect((have > want ? have - want : want - have) <= want >> 62n).toBe(true);
});

test("ORACLE-08: the product with rationals is rounded down, whatever tick and scale", () => {
  const anyTick = fc.bigInt(-3_000n, 3_000n);
  fc.assert(
    fc.property(anyTick, fc.bigInt(0n, (1n << 256n) - 1n), (tick, scale) => {
      const ticks = tick < 0n ? -tick : tick;
      const [above, below] = tick < 0n ? [10_000n, 10_001n] : [10_001n, 10_000n];
      expect(tickPriceDown(tick, scale)).toBe((scale * above ** ticks) / below ** ticks);
    }),
  );
});

test("ORACLE-04: a higher tick never has a lower price", () => {
  fc.assert(
    fc.property(fc.bigInt(-maxTick, maxTick - 1n), (tick) => {
      expect(tickPriceDown(tick, wad) <= tickPriceDown(tick + 1n, wad)).toBe(true);
    }),
  );
});

test("error: beyond the last tick, and a scale that is no word", () => {
  expect(() => tickPriceDown(maxTick + 1n, wad)).toThrow("Tick is 887273.");
  expect(() => tickPriceDown(-maxTick - 1n, wad)).toThrow("Tick is -887273.");
  expect(() => tickPriceDown(0n, 1n << 256n)).toThrow("- It may be 0 to 2^256 - 1.");
  expect(() => tickPriceDown(0n, -1n)).toThrow("Scale is -1.");
});
