import fc from "fast-check";
import { expect, test } from "vitest";
import { compileCondition } from "./compileExpression.ts";
import { ExpressionError } from "./Expression.ts";

const amount = fc.letrec<{ leaf: string; node: string; any: string }>((tie) => ({
  leaf: fc.oneof(fc.constantFrom("x", "y", "0x10"), fc.integer({ min: -300, max: 300 }).map(String)),
  node: fc
    .tuple(tie("any"), fc.constantFrom("+", "-", "*", "/", "%"), tie("any"))
    .map(([a, by, b]) => `(${a} ${by} ${b})`),
  any: fc.oneof({ maxDepth: 2 }, tie("leaf"), tie("leaf"), tie("node")),
})).any;
const condition = fc
  .tuple(amount, fc.constantFrom("<", "<=", ">", ">=", "==", "!="), amount)
  .map(([a, by, b]) => `${a} ${by} ${b}`);
const values = fc.record({ x: fc.bigInt({ min: 0n, max: 255n }), y: fc.bigInt({ min: -128n, max: 127n }) });

test("DET-08: what is refused for its types holds for no values, or for all", () => {
  let refused = 0;
  fc.assert(
    fc.property(condition, fc.array(values, { minLength: 20, maxLength: 20 }), (text, list) => {
      const said = refusalOf(text);
      if (said === undefined) return;
      refused += 1;
      const expected = said.startsWith("The comparison always holds");
      // The same text is JavaScript, which knows nothing of ranges.
      const run = new Function("x", "y", `return ${text.replace(/0x10|\d+/g, "$&n")}`) as (
        x: bigint,
        y: bigint,
      ) => boolean;
      for (const { x, y } of list) expect(orFault(() => run(x, y), expected)).toBe(expected);
    }),
    { numRuns: 2_000, seed: 28 },
  );
  // Else the test would show nothing.
  expect(refused).toBeGreaterThan(200);
});

function refusalOf(text: string): string | undefined {
  try {
    compileCondition(text, { x: { abi: "uint8" }, y: { abi: "int8" } });
    return undefined;
  } catch (error) {
    if (error instanceof ExpressionError && error.what.startsWith("The comparison")) return error.what;
    throw error;
  }
}

// A division by zero is told of its own.
function orFault(run: () => boolean, otherwise: boolean): boolean {
  try {
    return run();
  } catch {
    return otherwise;
  }
}
