import { baseOf, type Expression, ExpressionError, type Operator, type Value, type ValueType } from "./Expression.ts";
import { parseExpression } from "./parseExpression.ts";
import { computeRange, decideComparison, isOutside, type Range, rangeOfAbi, rangeText, unbounded } from "./Range.ts";
import { equalMisfit, insideMisfit, type Misfit, pairMisfit, partMisfit } from "./textMisfit.ts";

/** Names that an expression may use, with what their values are. */
export interface Names {
  readonly [name: string]: ValueType;
}

type Environment = { readonly [name: string]: Value };

interface Compiled {
  readonly type: ValueType;
  readonly run: (environment: Environment) => Value;
  /** Of a number: what it can be; absent: any. */
  readonly range?: Range | undefined;
  /** Of a condition: what it gives whatever the values, where it does. */
  readonly always?: boolean | undefined;
}

/**
 * A condition over values of `names`. Throws ExpressionError where it does not parse, compares what cannot be compared, or can
 * never hold by the types of its values.
 */
export function compileCondition(text: string, names: Names): (environment: Environment) => boolean {
  const compiled = compile(parseExpression(text), names);
  if (compiled.always === false)
    throw new ExpressionError("The expression never holds.", "Allowed: what depends on a value.", 0);
  if (baseOf(compiled.type) !== "bool")
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
  if (baseOf(compiled.type) !== "int")
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
      return intOf(expression.value);
    case "hex":
    case "text":
      return { type: "text", run: () => expression.value };
    case "truth":
      return { type: "bool", run: () => expression.value, always: expression.value };
    case "path":
      return compilePath(expression, names);
    case "not": {
      const { run, always } = demand(expression.of, "bool", names);
      if (always === true)
        throw new ExpressionError("What always holds is negated.", "Allowed: what depends on a value.", expression.at);
      return { type: "bool", run: (environment) => !run(environment), always: always === undefined ? always : true };
    }
    case "minus": {
      const { run, range } = demand(expression.of, "int", names);
      const zero = { min: 0n, max: 0n };
      return {
        type: "int",
        run: (environment) => -(run(environment) as bigint),
        range: computeRange("-", zero, range ?? unbounded),
      };
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
      const fields = typeof type === "object" && "fields" in type ? type.fields : undefined;
      const allowed = fields ? `Allowed: ${namesText(fields)}.` : `It is ${typeText(type)}.`;
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
  return { type, run, range: typeof type === "object" && "abi" in type ? rangeOfAbi(type.abi) : undefined };
}

function innerType(type: ValueType, step: string | number): ValueType | undefined {
  if (typeof type === "string" || "abi" in type) return undefined;
  if ("list" in type) return typeof step === "number" && step < (type.length ?? Infinity) ? type.list : undefined;
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

function compileBinary(binary: Binary, names: Names): Compiled {
  const { operator, left, right } = binary;
  if (operator === "and" || operator === "or") {
    const [a, b] = [demand(left, "bool", names), demand(right, "bool", names)];
    const isAnd = operator === "and";
    return {
      type: "bool",
      run: (e) => (isAnd ? a.run(e) && b.run(e) : a.run(e) || b.run(e)),
      always: joined(a.always, b.always, isAnd),
    };
  }
  const compute = arithmetic[operator];
  if (compute !== undefined) {
    const [a, b] = [demand(left, "int", names), demand(right, "int", names)];
    return {
      type: "int",
      run: (e) => compute(a.run(e) as bigint, b.run(e) as bigint),
      range: computeRange(operator, a.range ?? unbounded, b.range ?? unbounded),
    };
  }
  const compare = order[operator];
  if (compare !== undefined) {
    const [a, b] = [demand(left, "int", names), demand(right, "int", names)];
    return {
      type: "bool",
      run: (e) => compare(a.run(e) as bigint, b.run(e) as bigint),
      always: judgeNumbers(binary, a, b),
    };
  }
  const part = parts[operator];
  return part === undefined ? compileEquality(binary, names) : compilePart(binary, names, part);
}

/** What a conjunction (or a disjunction) of the two always gives. */
function joined(a: boolean | undefined, b: boolean | undefined, isAnd: boolean): boolean | undefined {
  if (a === !isAnd || b === !isAnd) return !isAnd;
  return a === undefined || b === undefined ? undefined : isAnd;
}

/** What comparing numbers always gives. Refused where that is nothing, or where one side is a number that the other cannot be. */
function judgeNumbers({ operator, left, right, at }: Binary, a: Compiled, b: Compiled): boolean | undefined {
  const [from, to] = [a.range ?? unbounded, b.range ?? unbounded];
  const always = decideComparison(operator, from, to);
  if (always === undefined || (always && !isOutside(from, to) && !isOutside(to, from))) return always;
  const place = [right, left].find(({ kind }) => kind === "number" || kind === "hex")?.at ?? at;
  throw new ExpressionError(
    `The comparison ${always ? "always" : "never"} holds: on the left is ${rangeText(from)}, on the right ${rangeText(to)}.`,
    "Allowed: numbers that the value can be.",
    place,
  );
}

/** What a literal says as text; undefined for anything else. */
function literalText(expression: Expression): string | undefined {
  switch (expression.kind) {
    case "text":
    case "hex":
      return expression.value;
    case "number":
    case "truth":
      return String(expression.value);
    default:
      return undefined;
  }
}

function refuse(misfit: Misfit | undefined, at: number): void {
  if (misfit !== undefined) throw new ExpressionError(misfit.what, misfit.allowed, at);
}

function compilePart(
  { operator, left, right, at }: Binary,
  names: Names,
  part: (a: string, b: string) => boolean,
): Compiled {
  const a = compile(left, names);
  const b = compile(right, names);
  const literal = literalText(right);
  if (baseOf(a.type) === "text") {
    const needle = demand(right, "text", names);
    if (literal !== undefined) refuse(partMisfit(operator, literal, a.type), right.at);
    return { type: "bool", run: (e) => part(folded(a.run(e)), folded(needle.run(e))) };
  }
  if (operator !== "contains" || baseOf(a.type) !== undefined)
    throw new ExpressionError(
      `${operator} does not apply to ${typeText(a.type)}.`,
      "Allowed: text; contains also on lists and fields.",
      at,
    );
  if (baseOf(b.type) === undefined)
    throw new ExpressionError("A list is not looked for in a list.", "Allowed: one value.", at);
  if (literal !== undefined) refuse(insideMisfit(literal, a.type), right.at);
  return { type: "bool", run: (e) => holds(a.run(e), folded(b.run(e))) };
}

function compileEquality(binary: Binary, names: Names): Compiled {
  const { operator, left, right, at } = binary;
  // A hexadecimal literal is a number beside a number.
  const isInt = (side: Expression) => side.kind !== "hex" && baseOf(compile(side, names).type) === "int";
  const { type } = compile(left, names);
  const base = isInt(left) || isInt(right) ? "int" : baseOf(type);
  if (base === undefined)
    throw new ExpressionError(
      `== and != do not apply to ${typeText(type)}.`,
      "Allowed: numbers, text, truth; of a list a[0], of fields a.b.",
      at,
    );
  const [a, b] = [demand(left, base, names), demand(right, base, names)];
  if (base === "text") judgeTexts(binary, a, b);
  const isSame = (e: Environment) => folded(a.run(e)) === folded(b.run(e));
  return {
    type: "bool",
    run: operator === "==" ? isSame : (e) => !isSame(e),
    always: base === "int" ? judgeNumbers(binary, a, b) : undefined,
  };
}

/** Refuses to compare texts that can never be the same. */
function judgeTexts({ left, right, at }: Binary, a: Compiled, b: Compiled): void {
  const [ofLeft, ofRight] = [literalText(left), literalText(right)];
  if (ofRight !== undefined) refuse(equalMisfit(ofRight, a.type), right.at);
  else if (ofLeft !== undefined) refuse(equalMisfit(ofLeft, b.type), left.at);
  else refuse(pairMisfit(a.type, b.type), at);
}

function demand(expression: Expression, base: "int" | "text" | "bool", names: Names): Compiled {
  if (expression.kind === "hex" && base === "int") return intOf(BigInt(expression.value));
  const compiled = compile(expression, names);
  if (baseOf(compiled.type) === base) return compiled;
  throw new ExpressionError(
    `${typeText(compiled.type)} stands where ${typeText(base)} is needed.`,
    "Both sides have to be of one kind.",
    expression.at,
  );
}

function intOf(value: bigint): Compiled {
  return { type: "int", run: () => value, range: { min: value, max: value } };
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
  const base = baseOf(type);
  if (base !== undefined) return { int: "a number", text: "text", bool: "a truth value" }[base];
  if (typeof type === "string" || !("list" in type)) return "fields";
  return type.length === undefined ? "a list" : `a list of ${type.length}`;
}

function never(expression: never): never {
  throw new TypeError(`Unknown expression ${JSON.stringify(expression)}.`);
}

/** An expression cannot be computed for the values at hand: a division by zero, an index beyond a list. */
export class ExpressionFault extends Error {
  override readonly name = "ExpressionFault";
}
