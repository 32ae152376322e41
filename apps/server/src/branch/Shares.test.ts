import { expect, test } from "vitest";
import { makeShares } from "./Shares.ts";

test("STREAM-05: each has its own share of a span, and with somebody else it lasts as long as the other's", () => {
  const shares = makeShares(2, 1_000);
  const take = (nowMs: number, ...names: string[]) => shares.take(names, nowMs);
  expect([take(0, "a"), take(0, "a"), take(0, "a")]).toEqual([true, true, false]);
  expect([take(1, "b", "a"), take(1, "a", "b"), take(1, "b", "a"), take(1, "b")]).toEqual([true, true, false, false]);
  expect([take(1, "c"), take(1_000, "a"), take(1_001, "b")]).toEqual([true, false, true]);
});
