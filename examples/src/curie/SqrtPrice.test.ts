import fc from "fast-check";
import { expect, test } from "vitest";
import { priceWadFromSqrtX96, sqrtPriceX96FromWad } from "./SqrtPrice.ts";

test("a price of 1 is 2^96", () => {
  expect(sqrtPriceX96FromWad(10n ** 18n)).toBe(1n << 96n);
});

test("the square root is the largest whose square stays below the price", () => {
  fc.assert(
    fc.property(fc.bigInt(10n ** 12n, 10n ** 27n), (priceWad) => {
      const target = (priceWad << 192n) / 10n ** 18n;
      const root = sqrtPriceX96FromWad(priceWad);
      expect(root * root <= target && (root + 1n) ** 2n > target).toBe(true);
    }),
  );
});

test("a price survives the way there and back to one part in a billion", () => {
  fc.assert(
    fc.property(fc.bigInt(10n ** 12n, 10n ** 27n), (priceWad) => {
      const back = priceWadFromSqrtX96(sqrtPriceX96FromWad(priceWad));
      expect(back <= priceWad && priceWad - back <= priceWad / 10n ** 9n + 1n).toBe(true);
    }),
  );
});
