import fc from "fast-check";
import { expect, test } from "vitest";
import { chanceOfStart, chancesOfRuns, startsPerDay } from "./ownedSlots.ts";

/** By looking at every sequence of owned and other slots. */
function counted(share: number, slots: number, within: number, runs: number): number {
  let chance = 0;
  for (let bits = 0; bits < 2 ** within; bits += 1) {
    let [owned, streak, found] = [0, 0, 0];
    for (let i = 0; i < within; i += 1) {
      const isOwned = ((bits >> i) & 1) === 1;
      owned += isOwned ? 1 : 0;
      streak = isOwned ? streak + 1 : 0;
      if (streak === slots) [found, streak] = [found + 1, 0];
    }
    if (found >= runs) chance += share ** owned * (1 - share) ** (within - owned);
  }
  return chance;
}

test("RISK-61: a start has the chance s^k, about 7,200 s^k times a day", () => {
  expect(chanceOfStart(0.3, 3)).toBeCloseTo(0.027, 15);
  expect(startsPerDay(0.3, 3)).toBeCloseTo(194.4, 9);
  expect(chancesOfRuns(0.3, 3, 3)[1]).toBeCloseTo(chanceOfStart(0.3, 3), 15);
});

test("RISK-61: the chance of so many runs in a window is that of all its sequences", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 10 }),
      (share, slots, within) => {
        const chances = chancesOfRuns(share, slots, within);
        expect(chances.length).toBe(Math.floor(within / slots) + 1);
        for (const [runs, chance] of chances.entries()) {
          expect(chance).toBeCloseTo(counted(share, slots, within, runs), 12);
          expect(chancesOfRuns(share, slots, within, runs)[runs]).toBeCloseTo(chance, 12);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("RISK-61: a rare run keeps its digits", () => {
  expect(chancesOfRuns(0.01, 10, 10)[1]! / 1e-20).toBeCloseTo(1, 12);
});

test("error: a share above 1, and no slots", () => {
  expect(() => chancesOfRuns(1.1, 2, 4)).toThrow('"share" is 1.1');
  expect(() => chancesOfRuns(0.5, 0, 4)).toThrow('"slots" is 0');
  expect(() => chanceOfStart(Number.NaN, 1)).toThrow('"share" is NaN');
});
