import type { Expression } from "./Expression.ts";

/** `expression` as text that `parseExpression` reads back to the same; every inner operation in parentheses. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case "number":
    case "truth":
      return String(expression.value);
    case "hex":
      return expression.value;
    case "text":
      return `"${expression.value.replace(/(["\\])/g, "\\$1")}"`;
    case "path":
      return (
        expression.name + expression.steps.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("")
      );
    case "not":
      return `not (${printExpression(expression.of)})`;
    case "minus":
      return `-(${printExpression(expression.of)})`;
    case "binary":
      return `${inner(expression.left)} ${expression.operator} ${inner(expression.right)}`;
    default:
      return never(expression);
  }
}

function inner(expression: Expression): string {
  const text = printExpression(expression);
  return expression.kind === "binary" || expression.kind === "not" ? `(${text})` : text;
}

function never(expression: never): never {
  throw new TypeError(`Unknown expression ${JSON.stringify(expression)}.`);
}
