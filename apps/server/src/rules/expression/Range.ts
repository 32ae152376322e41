import type { Operator } from "./Expression.ts";

/** Between which whole numbers a value is, both included; undefined where there is no bound. */
export interface Range {
  readonly min: bigint | undefined;
  readonly max: bigint | undefined;
}

export const unbounded: Range = { min: undefined, max: undefined };

/** What values of the ABI type `uint8`, `int256` … are; undefined for any other type. */
export function rangeOfAbi(abi: string): Range | undefined {
  const [, sign, digits] = /^(u?)int(\d*)$/.exec(abi) ?? [];
  if (sign === undefined) return undefined;
  const bits = BigInt(digits || 256);
  if (sign === "u") return { min: 0n, max: (1n << bits) - 1n };
  return { min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n };
}

/** Between which numbers the result of `operator` is. Wider where it would take more than the four corners to say it. */
export function computeRange(operator: Operator, a: Range, b: Range): Range {
  switch (operator) {
    case "+":
      return { min: both(a.min, b.min, (x, y) => x + y), max: both(a.max, b.max, (x, y) => x + y) };
    case "-":
      return { min: both(a.min, b.max, (x, y) => x - y), max: both(a.max, b.min, (x, y) => x - y) };
    case "*":
      return multiplied(a, b);
    case "/": {
      const by = b.min === b.max ? b.min : undefined;
      if (by === undefined || by <= 0n) return unbounded;
      // Rounding towards zero keeps the order.
      return { min: both(a.min, by, (x, y) => x / y), max: both(a.max, by, (x, y) => x / y) };
    }
    default:
      return unbounded;
  }
}

function multiplied(a: Range, b: Range): Range {
  const corners = [a.min, a.max].flatMap((x) => [b.min, b.max].map((y) => both(x, y, (m, n) => m * n)));
  if (corners.some((corner) => corner === undefined)) return unbounded;
  const [first, ...rest] = corners as bigint[];
  return {
    min: rest.reduce((least, each) => (each < least ? each : least), first!),
    max: rest.reduce((most, each) => (each > most ? each : most), first!),
  };
}

/** What the comparison gives whatever the values; undefined where it depends on them. */
export function decideComparison(operator: Operator, a: Range, b: Range): boolean | undefined {
  switch (operator) {
    case "<":
      return isBelow(a.max, b.min) ? true : isAtMost(b.max, a.min) ? false : undefined;
    case ">":
      return decideComparison("<", b, a);
    case ">=":
      return negated(decideComparison("<", a, b));
    case "<=":
      return negated(decideComparison("<", b, a));
    case "==":
      if (isBelow(a.max, b.min) || isBelow(b.max, a.min)) return false;
      return isOne(a) && isOne(b) && a.min === b.min ? true : undefined;
    case "!=":
      return negated(decideComparison("==", a, b));
    default:
      return undefined;
  }
}

/** Whether `a` is one number, and one that `b` cannot be. */
export function isOutside(a: Range, b: Range): boolean {
  return isOne(a) && (isBelow(a.max, b.min) || isBelow(b.max, a.min));
}

/** `range` for a person. */
export function rangeText({ min, max }: Range): string {
  if (min !== undefined && min === max) return boundText(min);
  if (min === undefined) return max === undefined ? "any number" : `at most ${boundText(max)}`;
  return max === undefined ? `at least ${boundText(min)}` : `${boundText(min)} to ${boundText(max)}`;
}

// 2^256-1 says more than its 78 digits.
function boundText(bound: bigint): string {
  if (bound < 0n) return `-${boundText(-bound)}`;
  const binary = bound.toString(2);
  if (binary.length <= 32) return String(bound);
  if (/^1+$/.test(binary)) return `2^${binary.length}-1`;
  return /^10*$/.test(binary) ? `2^${binary.length - 1}` : String(bound);
}

function isOne({ min, max }: Range): boolean {
  return min !== undefined && min === max;
}

function isBelow(a: bigint | undefined, b: bigint | undefined): boolean {
  return a !== undefined && b !== undefined && a < b;
}

function isAtMost(a: bigint | undefined, b: bigint | undefined): boolean {
  return a !== undefined && b !== undefined && a <= b;
}

function both(
  a: bigint | undefined,
  b: bigint | undefined,
  compute: (a: bigint, b: bigint) => bigint,
): bigint | undefined {
  return a === undefined || b === undefined ? undefined : compute(a, b);
}

function negated(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}
