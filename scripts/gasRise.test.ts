import { expect, test } from "vitest";
// @ts-expect-error a script without types
import { readSnapshots, risenSince } from "../contracts/scripts/snapshots.mjs";

test("behavior: a figure that rose by more than 2 % is told, one that fell, stayed or is new is not", () => {
  const before = new Map([
    ["A: up", 1_000],
    ["A: edge", 1_000],
    ["A: down", 1_000],
  ]);
  const now = new Map([
    ["A: up", 1_021],
    ["A: edge", 1_020],
    ["A: down", 1],
    ["B: new", 5_000],
  ]);
  expect(risenSince(before, now)).toEqual([{ name: "A: up", was: 1_000, is: 1_021 }]);
});

test("behavior: the figures in git are read, each a whole number", () => {
  const figures = readSnapshots();
  expect(figures.size).toBeGreaterThan(20);
  for (const [name, gas] of figures) expect(Number.isInteger(gas) && gas > 0, name).toBe(true);
});
