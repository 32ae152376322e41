import fc from "fast-check";
import { expect, test } from "vitest";
import { addToSketch, maxSlots, quantileOf, type Sketch } from "./quantile.ts";

const figure = fc.oneof(
  fc.double({ min: 1e-9, max: 1e30, noNaN: true }),
  fc.double({ min: -1e12, max: 1e12, noNaN: true }),
);
const size = { timestamp: 1n, accuracy: 0.01, slices: 1 };
const sketchOf = (values: readonly number[]) =>
  values.reduce<Sketch>((sketch, value) => addToSketch(sketch, value, size), []);

test("every quantile lies within the accuracy of the exact one", () => {
  fc.assert(
    fc.property(
      fc.array(figure, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, p) => {
        const exact = [...values].sort((a, b) => a - b)[Math.floor(p * (values.length - 1))]!;
        const found = quantileOf(sketchOf(values), p, 0.01)!;
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(0.01 * Math.abs(exact) * (1 + 1e-9) + 1e-17);
      },
    ),
  );
});

test("the order of the values makes no difference", () => {
  fc.assert(
    fc.property(fc.array(figure, { minLength: 1, maxLength: 100 }), (values) => {
      expect(sketchOf(values)).toEqual(sketchOf([...values].reverse()));
    }),
  );
});

test("however wide the figures are spread it stays bounded, and exact at the top", () => {
  const values = Array.from({ length: 3_000 }, (_, i) => 1.05 ** i * 1e-15);
  const sketch = sketchOf(values);
  expect(sketch[0]![1].length).toBeLessThanOrEqual(maxSlots);
  expect(Math.abs(quantileOf(sketch, 0.99, 0.01)! / values[Math.floor(0.99 * 2_999)]! - 1)).toBeLessThanOrEqual(0.011);
});
