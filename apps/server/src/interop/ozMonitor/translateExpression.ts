import { compileCondition, type Names } from "../../rules/expression/compileExpression.ts";
import { baseOf, type Expression, ExpressionError, type ValueType } from "../../rules/expression/Expression.ts";
import { parseExpression } from "../../rules/expression/parseExpression.ts";
import { printExpression } from "../../rules/expression/printExpression.ts";

/** OpenZeppelin Monitor's names of a transaction's fields where ours are others. */
const renamed: ReadonlyMap<string, string> = new Map([["transaction_index", "index"]]);

/**
 * An expression of OpenZeppelin Monitor's in ours, over values of `types`. There the right side is always a value, which may
 * stand without quotes; text is compared without regard to case, as here. Throws ExpressionError for what has no counterpart.
 */
export function translateExpression(text: string, types: Names): string {
  const translated = printExpression(translate(parseExpression(text), types));
  compileCondition(translated, types);
  return translated;
}

function translate(expression: Expression, types: Names): Expression {
  switch (expression.kind) {
    case "binary": {
      const { operator, left, right } = expression;
      if (operator === "and" || operator === "or")
        return { ...expression, left: translate(left, types), right: translate(right, types) };
      const field = nameIn(left);
      return { ...expression, left: field, right: valueFor(typeAt(field, types), right) };
    }
    case "path":
      return nameIn(expression);
    default:
      throw new ExpressionError(
        "Only comparisons, AND and OR have a counterpart.",
        "Allowed: field operator value.",
        expression.at,
      );
  }
}

function nameIn(expression: Expression): Extract<Expression, { kind: "path" }> {
  if (expression.kind !== "path")
    throw new ExpressionError("The left side is no field.", "Allowed: field operator value.", expression.at);
  return { ...expression, name: renamed.get(expression.name) ?? expression.name };
}

function typeAt({ name, steps }: Extract<Expression, { kind: "path" }>, types: Names): ValueType | undefined {
  return steps.reduce<ValueType | undefined>(
    (type, step) => {
      if (typeof type !== "object" || "abi" in type) return undefined;
      return "list" in type ? type.list : type.fields[String(step)];
    },
    Object.hasOwn(types, name) ? types[name] : undefined,
  );
}

function valueFor(type: ValueType | undefined, value: Expression): Expression {
  const { at } = value;
  const text = textIn(value);
  if (text === undefined) return value;
  const base = type === undefined ? undefined : baseOf(type);
  if (base === "int" && value.kind === "text" && /^-?\d+$/.test(text)) {
    const number: Expression = { kind: "number", value: BigInt(text.replace("-", "")), at };
    return text.startsWith("-") ? { kind: "minus", of: number, at } : number;
  }
  if (base === "bool" && value.kind === "text" && /^(true|false)$/i.test(text))
    return { kind: "truth", value: text.toLowerCase() === "true", at };
  if (base === "int" || base === "bool") return value;
  // There no address has a checksum: whatever its case, it is compared.
  if (typeof type === "object" && "abi" in type && type.abi === "address")
    return { kind: "text", value: text.toLowerCase(), at };
  return { kind: "text", value: text, at };
}

/** What a value says as text; an unquoted word is one. */
function textIn(value: Expression): string | undefined {
  if (value.kind === "text" || value.kind === "hex") return value.value;
  if (value.kind === "number" || value.kind === "truth") return String(value.value);
  return value.kind === "path" && value.steps.length === 0 ? value.name : undefined;
}
