import fc from "fast-check";
import { expect, test } from "vitest";
import { cusumNow, type HourlyCusum, stepHourlyCusum } from "./hourlyCusum.ts";

const slack = 0.01;
const run = (moves: readonly { readonly hour: number; readonly out: number }[]) =>
  moves.reduce<HourlyCusum | undefined>(
    (state, { hour, out }) => stepHourlyCusum(state, { hour, held: 10_000n, net: -BigInt(out) }, slack),
    undefined,
  )!;

test("figures by hand: 5 % an hour for three hours", () => {
  const state = run([0, 1, 2].map((hour) => ({ hour, out: 500 })));
  // 0.05 - 0.01, then 0.05 - 0.05/720 - 0.01, and the open hour alike.
  expect(state.sum).toBeCloseTo(0.04 + 0.04 - 0.05 / 720, 9);
  expect(cusumNow(state, slack)).toBeGreaterThan(0.11);
});

test("many moves in an hour are one, and an inflow takes back what left", () => {
  expect(
    cusumNow(
      run([
        { hour: 0, out: 300 },
        { hour: 0, out: 200 },
      ]),
      slack,
    ),
  ).toBeCloseTo(0.04, 9);
  expect(
    cusumNow(
      run([
        { hour: 0, out: 300 },
        { hour: 0, out: -300 },
      ]),
      slack,
    ),
  ).toBe(0);
});

test("hours without movement count as so many steps with nothing", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 0, max: 30 }),
      (outs, idle) => {
        const moves = outs.map((out, hour) => ({ hour, out }));
        const last = { hour: outs.length + idle, out: 0 };
        const jumped = run([...moves, last]);
        const stepped = run([
          ...moves,
          ...Array.from({ length: idle }, (_, i) => ({ hour: outs.length + i, out: 0 })),
          last,
        ]);
        expect(jumped.sum).toBeCloseTo(stepped.sum, 9);
        expect(jumped.mean).toBeCloseTo(stepped.mean, 9);
      },
    ),
  );
});

test("a leak below the slack never adds up", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 60 }), (outs) => {
      const state = run([{ hour: 0, out: 0 }, ...outs.map((out, i) => ({ hour: i + 1, out }))]);
      expect(cusumNow(state, slack)).toBeLessThanOrEqual(1e-9);
    }),
  );
});
