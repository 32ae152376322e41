import fc from "fast-check";
import { expect, test } from "vitest";
import { type Cusum, updateCusum } from "./cusum.ts";

const target = { target: 10, slack: 2 };
const fold = (values: readonly number[]) =>
  values.reduce<Cusum | undefined>((sum, value, i) => updateCusum(sum, value, target, BigInt(i)), undefined)!;

test("the sum is the largest excess of any stretch that ends now", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 50 }), (values) => {
      const stretches = values.map((_, i) => values.slice(i).reduce((sum, value) => sum + value - 12, 0));
      expect(fold(values).sum).toBe(Math.max(0, ...stretches));
    }),
  );
});

test("it names when the run began, and begins anew once it has fallen to zero", () => {
  expect(fold([10, 15, 20])).toEqual({ sum: 11, count: 2, since: 1n });
  expect(fold([20, 0, 13])).toEqual({ sum: 1, count: 1, since: 2n });
});
