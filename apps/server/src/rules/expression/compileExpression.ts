import { type Expression, ExpressionError, type Operator, type Value, type ValueType } from "./Expression.ts";
import { parseExpression } from "./parseExpression.ts";

/** Names that an expression may use, with what their values are. */
export interface Names {
  readonly [name: string]: ValueType;
}

type Environment = { readonly [name: string]: Value };

interface Compiled {
  readonly type: ValueType;
  readonly run: (environment: Environment) => Value;
}

/** A condition over values of `names`. Throws ExpressionError where it does not parse, or compares what cannot be compared. */
export function compileCondition(text: string, names: Names): (environment: Environment) => boolean {
  const compiled = compile(parseExpression(text), names);
  if (compiled.type !== "bool")
    throw new ExpressionError(
      "The expression gives no truth value.",
      'Allowed: a comparison, such as "amount > 1e18".',
      0,
    );
  return compiled.run as (environment: Environment) => boolean;
}

/** A whole number over values of `names`. Throws ExpressionError. */
export function compileAmount(text: string, names: Names): (environment: Environment) => bigint {
  const compiled = compile(parseExpression(text), names);
  if (compiled.type !== "int")
    throw new ExpressionError(
      "The expression gives no number.",
      'Allowed: a number of the event, such as "amount".',
      0,
    );
  return compiled.run as (environment: Environment) => bigint;
}

function compile(expression: Expression, names: Names): Compiled {
  switch (expression.kind) {
    case "number":
      return { type: "int", run: () => expression.value };
    case "hex":
    case "text":
      return { type: "text", run: () => expression.value };
    case "truth":
      return { type: "bool", run: () => expression.value };
    case "path":
      return compilePath(expression, names);
    case "not": {
      const of = demand(expression.of, "bool", names);
      return { type: "bool", run: (environment) => !of(environment) };
    }
    case "minus": {
      const of = demand(expression.of, "int", names);
      return { type: "int", run: (environment) => -(of(environment) as bigint) };
    }
    case "binary":
      return compileBinary(expression, names);
    default:
      return never(expression);
  }
}

type Path = Extract<Expression, { kind: "path" }>;

function compilePath({ name, steps, at }: Path, names: Names): Compiled {
  if (!Object.hasOwn(names, name))
    throw new ExpressionError(`"${name}" is not known here.`, `Allowed: ${namesText(names)}.`, at);
  let type = names[name]!;
  let walked = name;
  for (const step of steps) {
    const inner = innerType(type, step);
    if (inner === undefined) {
      const allowed =
        typeof type === "object" && "fields" in type
          ? `Allowed: ${namesText(type.fields)}.`
          : `It is ${typeText(type)}.`;
      throw new ExpressionError(`"${walked}" has no "${step}".`, allowed, at);
    }
    type = inner;
    walked += typeof step === "number" ? `[${step}]` : `.${step}`;
  }
  const run = (environment: Environment): Value => {
    let value = environment[name]!;
    for (const step of steps) {
      const inner = (value as { readonly [key: string]: Value })[step];
      if (inner === undefined) throw new ExpressionFault(`${walked} is beyond the end of its list`);
      value = inner;
    }
    return value;
  };
  return { type, run };
}

function innerType(type: ValueType, step: string | number): ValueType | undefined {
  if (typeof type === "string") return undefined;
  if ("list" in type) return typeof step === "number" ? type.list : undefined;
  return typeof step === "string" && Object.hasOwn(type.fields, step) ? type.fields[step] : undefined;
}

type Binary = Extract<Expression, { kind: "binary" }>;

const arithmetic: Partial<Record<Operator, (a: bigint, b: bigint) => bigint>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / notZero(b),
  "%": (a, b) => a % notZero(b),
};
const order: Partial<Record<Operator, (a: bigint, b: bigint) => boolean>> = {
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
};
const parts: Partial<Record<Operator, (a: string, b: string) => boolean>> = {
  contains: (a, b) => a.includes(b),
  starts_with: (a, b) => a.startsWith(b),
  ends_with: (a, b) => a.endsWith(b),
};

function compileBinary({ operator, left, right, at }: Binary, names: Names): Compiled {
  if (operator === "and" || operator === "or") {
    const [a, b] = [demand(left, "bool", names), demand(right, "bool", names)];
    return { type: "bool", run: (e) => (operator === "and" ? a(e) && b(e) : a(e) || b(e)) };
  }
  const compute = arithmetic[operator];
  if (compute !== undefined) {
    const [a, b] = [demand(left, "int", names), demand(right, "int", names)];
    return { type: "int", run: (e) => compute(a(e) as bigint, b(e) as bigint) };
  }
  const compare = order[operator];
  if (compare !== undefined) {
    const [a, b] = [demand(left, "int", names), demand(right, "int", names)];
    return { type: "bool", run: (e) => compare(a(e) as bigint, b(e) as bigint) };
  }
  const part = parts[operator];
  return part === undefined
    ? compileEquality({ operator, left, right, at }, names)
    : compilePart({ operator, left, right, at }, names, part);
}

function compilePart(
  { operator, left, right, at }: Pick<Binary, "operator" | "left" | "right" | "at">,
  names: Names,
  part: (a: string, b: string) => boolean,
): Compiled {
  const a = compile(left, names);
  const b = compile(right, names);
  if (a.type === "text") {
    const needle = demand(right, "text", names);
    return { type: "bool", run: (e) => part(folded(a.run(e)), folded(needle(e))) };
  }
  if (operator !== "contains" || typeof a.type === "string")
    throw new ExpressionError(
      `${operator} does not apply to ${typeText(a.type)}.`,
      "Allowed: text; contains also on lists and fields.",
      at,
    );
  if (typeof b.type !== "string")
    throw new ExpressionError("A list is not looked for in a list.", "Allowed: one value.", at);
  return { type: "bool", run: (e) => holds(a.run(e), folded(b.run(e))) };
}

function compileEquality(
  { operator, left, right, at }: Pick<Binary, "operator" | "left" | "right" | "at">,
  names: Names,
): Compiled {
  // A hexadecimal literal is a number beside a number.
  const isInt = (side: Expression) => side.kind !== "hex" && compile(side, names).type === "int";
  const type = isInt(left) || isInt(right) ? "int" : compile(left, names).type;
  if (typeof type !== "string")
    throw new ExpressionError(
      `== and != do not apply to ${typeText(type)}.`,
      "Allowed: numbers, text, truth; of a list a[0], of fields a.b.",
      at,
    );
  const [a, b] = [demand(left, type, names), demand(right, type, names)];
  const isSame = (e: Environment) => folded(a(e)) === folded(b(e));
  return { type: "bool", run: operator === "==" ? isSame : (e) => !isSame(e) };
}

function demand(
  expression: Expression,
  type: "int" | "text" | "bool",
  names: Names,
): (environment: Environment) => Value {
  if (expression.kind === "hex" && type === "int") {
    const value = BigInt(expression.value);
    return () => value;
  }
  const compiled = compile(expression, names);
  if (compiled.type === type) return compiled.run;
  throw new ExpressionError(
    `${typeText(compiled.type)} stands where ${typeText(type)} is needed.`,
    "Both sides have to be of one kind.",
    expression.at,
  );
}

// Upper and lower case make no difference: addresses are written either way.
function folded(value: Value): string {
  return String(value).toLowerCase();
}

function holds(value: Value, needle: string): boolean {
  if (typeof value === "object") return Object.values(value).some((inner) => holds(inner, needle));
  return folded(value) === needle;
}

function notZero(value: bigint): bigint {
  if (value === 0n) throw new ExpressionFault("it divides by zero");
  return value;
}

function namesText(names: Names): string {
  return Object.keys(names).join(", ") || "no names at all";
}

function typeText(type: ValueType): string {
  if (typeof type === "object") return "list" in type ? "a list" : "fields";
  return { int: "a number", text: "text", bool: "a truth value" }[type];
}

function never(expression: never): never {
  throw new TypeError(`Unknown expression ${JSON.stringify(expression)}.`);
}

/** An expression cannot be computed for the values at hand: a division by zero, an index beyond a list. */
export class ExpressionFault extends Error {
  override readonly name = "ExpressionFault";
}
