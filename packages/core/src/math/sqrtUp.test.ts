import fc from "fast-check";
import { expect, test } from "vitest";
import { sqrtUp } from "./sqrtUp.ts";

test("the root's square reaches the value and the next lower one does not", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 1n << 256n }), (value) => {
      const root = sqrtUp(value);
      expect(root * root >= value && (root - 1n) * (root - 1n) < value).toBe(true);
    }),
  );
});

test("squares and their neighbours, from zero to beyond 256 bits", () => {
  expect([0n, 1n, 2n, 3n, 4n, 5n, 9n, 10n].map(sqrtUp)).toEqual([0n, 1n, 2n, 2n, 2n, 3n, 3n, 4n]);
  for (const root of [10n ** 18n, (1n << 128n) - 1n, 1n << 150n]) {
    expect(sqrtUp(root * root)).toBe(root);
    expect(sqrtUp(root * root - 1n)).toBe(root);
    expect(sqrtUp(root * root + 1n)).toBe(root + 1n);
  }
});

test("error: a negative value", () => {
  expect(() => sqrtUp(-1n)).toThrow("No square root of -1.");
});
