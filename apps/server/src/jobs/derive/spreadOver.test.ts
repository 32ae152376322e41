import { expect, test } from "vitest";
import { spreadOver } from "./spreadOver.ts";

const own = (item: bigint) => item;

test("LAB-22: who crowds one stretch of time takes no place from those of another", () => {
  const [honest, crowd] = [[1n, 20n, 40n, 60n], Array.from({ length: 1_000 }, (_, i) => 150n + BigInt(i % 10))];
  const spread = spreadOver(
    [...honest, ...crowd].sort((a, b) => (a < b ? -1 : 1)),
    own,
    16,
    24,
  );
  expect(spread).toHaveLength(24);
  expect(spread.slice(0, 4)).toEqual(honest);
});

test("LAB-22: what fits is taken whole, and of one place as many as there is room for", () => {
  expect(spreadOver([3n, 4n], own, 16, 2)).toEqual([3n, 4n]);
  expect(spreadOver([], own, 16, 2)).toEqual([]);
  expect(spreadOver([7n, 7n, 7n], own, 16, 2)).toEqual([7n, 7n]);
});
