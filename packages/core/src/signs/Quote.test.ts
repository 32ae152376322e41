import { describe, expect, test } from "vitest";
import { addr } from "../model/detectorCase.testkit.ts";
import { toWord } from "../model/Hex.ts";
import type { StateAnswer } from "../model/StateRead.ts";
import { isNearQuote, isWithinQuote } from "./Quote.ts";

const [a, b, c] = [addr(1), addr(2), addr(3)];
const ok = (...words: readonly bigint[]): StateAnswer => ({
  ok: true,
  value: `0x${words.map((w) => toWord(w)).join("")}`,
});
const none: StateAnswer = { ok: false, error: "execution reverted" };
const tokens = [ok(BigInt(a)), ok(BigInt(b))] as const;
/** token1 per token0 = 4. */
const priced = [ok(2n << 96n), none, none, ...tokens];
const algebra = [none, ok(2n << 96n), none, ...tokens];
const reserved = [none, none, ok(1_000n, 4_000n, 0n), ...tokens];

describe("a square-root price", () => {
  test.each([priced, algebra])("is kept within 2 %, either way", (...answers) => {
    expect(isWithinQuote(answers, [b, 408n], [a, 100n])).toBe(true);
    expect(isWithinQuote(answers, [b, 409n], [a, 100n])).toBe(false);
    expect(isWithinQuote(answers, [a, 102n], [b, 400n])).toBe(true);
    expect(isWithinQuote(answers, [a, 103n], [b, 400n])).toBe(false);
  });

  test("of another pair says nothing, nor does a pool that tells no price", () => {
    expect(isWithinQuote(priced, [c, 1n], [a, 100n])).toBe(false);
    expect(isWithinQuote(priced, [a, 1n], [a, 100n])).toBe(false);
    expect(isWithinQuote([none, none, none, ...tokens], [b, 1n], [a, 100n])).toBe(false);
    expect(isWithinQuote([ok(0n), none, none, ...tokens], [b, 1n], [a, 100n])).toBe(false);
    expect(isWithinQuote([ok(2n << 96n), none, none, none, none], [b, 1n], [a, 100n])).toBe(false);
  });
});

describe("reserves", () => {
  test("allow what their product allows, within 2 %", () => {
    expect(isWithinQuote(reserved, [b, 2_040n], [a, 1_000n])).toBe(true);
    expect(isWithinQuote(reserved, [b, 2_041n], [a, 1_000n])).toBe(false);
    expect(isWithinQuote(reserved, [a, 510n], [b, 4_000n])).toBe(true);
    expect(isWithinQuote(reserved, [a, 511n], [b, 4_000n])).toBe(false);
  });

  test("are those that earlier transactions of the block have left", () => {
    const earlier = new Map([
      [a, 1_000n],
      [b, -2_000n],
    ]);
    expect(isWithinQuote(reserved, [a, 1_020n], [b, 2_000n], earlier)).toBe(true);
    expect(isWithinQuote(reserved, [a, 1_021n], [b, 2_000n], earlier)).toBe(false);
  });
});

test("near a price is four fifths of it and more", () => {
  for (const answers of [priced, reserved]) {
    expect(isNearQuote(answers, [b, 500n], [a, 100n])).toBe(true);
    expect(isNearQuote(answers, [b, 501n], [a, 100n])).toBe(false);
    expect(isNearQuote(answers, [a, 125n], [b, 400n])).toBe(true);
    expect(isNearQuote(answers, [a, 126n], [b, 400n])).toBe(false);
    expect(isNearQuote(answers, [c, 1n], [b, 400n])).toBe(false);
  }
});
