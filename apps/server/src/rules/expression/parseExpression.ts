// A small grammar, so that a condition in a file can do nothing but compare: no calls, no assignment, no loops.
import { type Expression, ExpressionError, type Operator } from "./Expression.ts";

const longest = 2_000;
const deepest = 64;

interface Token {
  readonly kind: "number" | "hex" | "text" | "word" | "sign" | "end";
  readonly text: string;
  readonly at: number;
}

const pattern =
  /\s*(?:(?<hex>0[xX][0-9a-fA-F]+)|(?<number>\d[\d_]*(?:\.\d+)?(?:[eE]\d{1,3})?)|(?<word>[A-Za-z_$][\w$]*)|(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<sign>==|!=|>=|<=|&&|\|\||[><!()[\].+\-*/%]))/y;

/** The expression that `text` says. Throws ExpressionError. */
export function parseExpression(text: string): Expression {
  if (text.length > longest)
    throw new ExpressionError(`An expression of ${text.length} characters is too long.`, `Allowed: ${longest}.`, 0);
  const tokens = tokensOf(text);
  const cursor = { next: 0 };
  const found = readBinary(tokens, cursor, 0, 0);
  const rest = tokens[cursor.next]!;
  if (rest.kind !== "end")
    throw new ExpressionError(`"${rest.text}" is not expected here.`, "Allowed: an operator, or the end.", rest.at);
  return found;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== ""; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) {
      const start = at + text.slice(at).search(/\S/);
      const allowed = "Allowed: numbers, 0x…, quoted text, names, comparisons, and, or, not, + - * / %, parentheses.";
      throw new ExpressionError(`"${text.slice(start, start + 12)}" is not understood.`, allowed, start);
    }
    const [kind, value] = Object.entries(match.groups!).find(([, group]) => group !== undefined)!;
    tokens.push({ kind: kind as Token["kind"], text: value!, at: pattern.lastIndex - value!.length });
  }
  return [...tokens, { kind: "end", text: "the end", at: text.length }];
}

const words: ReadonlyMap<string, Operator> = new Map([
  ["or", "or"],
  ["||", "or"],
  ["and", "and"],
  ["&&", "and"],
  ["contains", "contains"],
  ["starts_with", "starts_with"],
  ["ends_with", "ends_with"],
]);

const levels: readonly (readonly Operator[])[] = [
  ["or"],
  ["and"],
  ["==", "!=", ">", ">=", "<", "<=", "contains", "starts_with", "ends_with"],
  ["+", "-"],
  ["*", "/", "%"],
];
const comparing = 2;

interface Cursor {
  next: number;
}

function operatorAt({ kind, text }: Token): Operator | undefined {
  if (kind !== "sign" && kind !== "word") return undefined;
  return words.get(text.toLowerCase()) ?? (kind === "sign" ? (text as Operator) : undefined);
}

function readBinary(tokens: readonly Token[], cursor: Cursor, level: number, depth: number): Expression {
  const operators = levels[level];
  if (operators === undefined) return readUnary(tokens, cursor, depth);
  let left = readBinary(tokens, cursor, level + 1, depth);
  for (let count = 0; ; count++) {
    const token = tokens[cursor.next]!;
    const operator = operatorAt(token);
    if (operator === undefined || !operators.includes(operator)) return left;
    // 1 < a < 10 reads like a range and is none.
    if (level === comparing && count > 0)
      throw new ExpressionError("Comparisons do not chain.", 'Allowed: "1 < a and a < 10".', token.at);
    cursor.next += 1;
    left = { kind: "binary", operator, left, right: readBinary(tokens, cursor, level + 1, depth), at: token.at };
  }
}

function readUnary(tokens: readonly Token[], cursor: Cursor, depth: number): Expression {
  const token = tokens[cursor.next]!;
  if (depth > deepest)
    throw new ExpressionError("The expression is nested too deep.", `Allowed: ${deepest} levels.`, token.at);
  const isNot = token.text === "!" || (token.kind === "word" && token.text.toLowerCase() === "not");
  if (isNot || (token.kind === "sign" && token.text === "-")) {
    cursor.next += 1;
    // `not` binds weaker than a comparison: not a == b is not (a == b).
    const of =
      isNot && token.kind === "word"
        ? readBinary(tokens, cursor, comparing, depth + 1)
        : readUnary(tokens, cursor, depth + 1);
    return { kind: isNot ? "not" : "minus", of, at: token.at };
  }
  return readOne(tokens, cursor, depth);
}

function readOne(tokens: readonly Token[], cursor: Cursor, depth: number): Expression {
  const token = tokens[cursor.next]!;
  const { kind, text, at } = token;
  cursor.next += 1;
  if (kind === "number") return { kind: "number", value: wholeOf(token), at };
  if (kind === "hex") return { kind: "hex", value: text, at };
  if (kind === "text") return { kind: "text", value: text.slice(1, -1).replace(/\\(.)/g, "$1"), at };
  if (kind === "word" && /^(true|false)$/i.test(text))
    return { kind: "truth", value: text.toLowerCase() === "true", at };
  if (kind === "word" && !words.has(text.toLowerCase()))
    return { kind: "path", name: text, steps: readSteps(tokens, cursor), at };
  if (kind === "sign" && text === "(") {
    const inner = readBinary(tokens, cursor, 0, depth + 1);
    take(tokens, cursor, ")");
    return inner;
  }
  throw new ExpressionError(
    `"${text}" stands where a value is expected.`,
    "Allowed: a name, a number, 0x…, quoted text, true or false.",
    at,
  );
}

function readSteps(tokens: readonly Token[], cursor: Cursor): (string | number)[] {
  const steps: (string | number)[] = [];
  for (;;) {
    const { text } = tokens[cursor.next]!;
    if (text !== "." && text !== "[") return steps;
    cursor.next += 1;
    const step = tokens[cursor.next]!;
    const isFit = text === "." ? step.kind === "word" || step.kind === "number" : step.kind === "number";
    if (!isFit || (step.kind === "number" && !/^\d{1,9}$/.test(step.text)))
      throw new ExpressionError(`"${step.text}" is no step into a value.`, "Allowed: a.b and a[0].", step.at);
    cursor.next += 1;
    steps.push(text === "[" ? Number(step.text) : step.text);
    if (text === "[") take(tokens, cursor, "]");
  }
}

function take(tokens: readonly Token[], cursor: Cursor, text: string): void {
  const token = tokens[cursor.next]!;
  if (token.text !== text)
    throw new ExpressionError(
      `"${token.text}" stands where "${text}" is expected.`,
      "Close what was opened.",
      token.at,
    );
  cursor.next += 1;
}

/** Exact: 1.5e18 is 1500000000000000000, and 1.5 is refused. */
function wholeOf({ text, at }: Token): bigint {
  const [, digits = "", fraction = "", power = "0"] = /^([\d_]+)(?:\.(\d+))?(?:[eE](\d+))?$/.exec(text) ?? [];
  const zeros = Number(power) - fraction.length;
  if (zeros < 0) throw new ExpressionError(`${text} is no whole number.`, "Amounts are whole: 1.5e18, 1500.", at);
  return BigInt(digits.replaceAll("_", "") + fraction) * 10n ** BigInt(zeros);
}
