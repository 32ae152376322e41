import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeCatchUp } from "./CatchUp.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const startedAt = 1_800_000_000n;
const after = (awaySeconds: bigint) => makeCatchUp(startedAt - awaySeconds);

test("SELF-01: after minutes away, to be behind is expected for a minute at most", () => {
  const isExpected = after(300n);
  expect(isExpected(25n)).toBe(true);
  vi.advanceTimersByTime(60_000);
  expect(isExpected(12n)).toBe(true);
  vi.advanceTimersByTime(1);
  expect(isExpected(12n)).toBe(false);
});

test("SELF-01: who falls back by as much as tells a lag is not catching up, whatever comes after", () => {
  const isExpected = after(120n);
  expect([10n, 9n, 15n, 16n, 8n].map(isExpected)).toEqual([true, true, true, false, false]);
});

test("SELF-01: once near, to be behind again is lag, and so is whatever follows a longer absence or a first start", () => {
  const isExpected = after(120n);
  expect([10n, 5n, 6n].map(isExpected)).toEqual([true, false, false]);
  expect(after(301n)(10n)).toBe(false);
  expect(makeCatchUp(undefined)(10n)).toBe(false);
});
