import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileAmount, compileCondition, ExpressionFault } from "./compileExpression.ts";
import { ExpressionError, type Value, type ValueType } from "./Expression.ts";
import { parseExpression } from "./parseExpression.ts";
import { printExpression } from "./printExpression.ts";

const names: { readonly [name: string]: ValueType } = {
  amount: "int",
  fee: "int",
  user: "text",
  memo: "text",
  open: "bool",
  ids: { list: "int" },
  order: { fields: { size: "int", legs: { list: { fields: { token: "text" } } } } },
};
const values: { readonly [name: string]: Value } = {
  amount: 1_500_000_000_000_000_000n,
  fee: 7n,
  user: "0xabcdef0000000000000000000000000000000001",
  memo: "Rescue Mission",
  open: true,
  ids: [10n, 20n],
  order: { size: 3n, legs: [{ token: "0xAA" }, { token: "0xbb" }] },
};
const is = (text: string) => compileCondition(text, names)(values);

test.each([
  ["amount > 1e18", true],
  ["amount == 1.5e18 and fee < 8", true],
  ["amount >= 1_500_000_000_000_000_001", false],
  ["fee == 0x7", true],
  ["user == 0xABCDEF0000000000000000000000000000000001", true],
  ["user starts_with '0xabc' && not open", false],
  ["not fee == 8", true],
  ["!open || fee % 2 == 1", true],
  ["fee + 2 * 3 == 13", true],
  ["(fee + 2) * 3 == 27", true],
  ["-fee < -6", true],
  ["memo contains 'rescue' AND memo ends_with \"MISSION\"", true],
  ["ids contains 20 and ids[0] == 10", true],
  ["ids contains '30'", false],
  ["order.legs[1].token == '0xBB' or false", true],
  ["order contains '0xaa'", true],
  ["open", true],
])("DET-08: %s is %s", (text, expected) => {
  expect(is(text)).toBe(expected);
});

test.each<[shown: string, what: string, at: number, text?: string]>([
  ["amont > 1", '"amont" is not known here.', 0],
  ["amount > ", '"the end" stands where a value is expected.', 9],
  ["amount > 1.5", "1.5 is no whole number.", 9],
  ["amount > user", "text stands where a number is needed.", 9],
  ["user > 1", "text stands where a number is needed.", 0],
  ["1 < fee < 10", "Comparisons do not chain.", 8],
  ["order == 1", "fields stands where a number is needed.", 0],
  ["order == order", "== and != do not apply to fields.", 6],
  ["order.price > 1", '"order" has no "price".', 0],
  ["constructor == 1", '"constructor" is not known here.', 0],
  ["order.constructor == 1", '"order" has no "constructor".', 0],
  ["amount; 1", '"; 1" is not understood.', 6],
  ["(fee == 7", '"the end" stands where ")" is expected.', 9],
  ["fee == 7 8", '"8" is not expected here.', 9],
  ["fee", "The expression gives no truth value.", 0],
  ["deep nesting", "The expression is nested too deep.", 65, `${"(".repeat(80)}fee == 7${")".repeat(80)}`],
  ["length", "An expression of 2700 characters is too long.", 0, "fee == 7 ".repeat(300)],
])("error: %s names its place", (shown, what, at, long) => {
  try {
    compileCondition(long ?? shown, names);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(ExpressionError);
    expect(error).toMatchObject({ what, at });
  }
});

describe("what cannot be computed", () => {
  test("is a fault of its own, not a wrong answer", () => {
    expect(() => is("amount / (fee - 7) > 1")).toThrow(ExpressionFault);
    expect(() => is("ids[2] == 1")).toThrow(ExpressionFault);
    expect(is("fee == 7 or amount / 0 == 1")).toBe(true);
  });
});

test("an amount is any whole number", () => {
  expect(compileAmount("amount / 2 + fee", names)(values)).toBe(750_000_000_000_000_007n);
  expect(() => compileAmount("user", names)).toThrow("gives no number");
});

test("whatever the text, it parses or is refused with its place", () => {
  const pieces = [
    "amount",
    "fee",
    "user",
    "(",
    ")",
    "and",
    "or",
    "not",
    "==",
    ">",
    "1",
    "0x1",
    "'a'",
    ".",
    "[",
    "]",
    "-",
    "%",
    "contains",
    "\\",
    "'",
  ];
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 4 })), { maxLength: 25 }),
      (list) => {
        const text = list.join(" ");
        try {
          const parsed = parseExpression(text);
          // What is printed says the same.
          expect(stripped(parseExpression(printExpression(parsed)))).toEqual(stripped(parsed));
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionError);
          expect((error as ExpressionError).at).toBeLessThanOrEqual(text.length);
        }
      },
    ),
    { numRuns: 3_000, seed: 8 },
  );
});

const stripped = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, inner) => (key === "at" ? undefined : typeof inner === "bigint" ? `${inner}n` : inner)),
  );
