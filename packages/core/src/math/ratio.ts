/** `part / whole` as a float, exact to 9 digits for bigints of any size; Infinity for a whole of 0 and a part above it. */
export function ratioOf(part: bigint, whole: bigint): number {
  if (whole <= 0n) return part > 0n ? Number.POSITIVE_INFINITY : 0;
  return Number((part * 1_000_000_000n) / whole) / 1e9;
}

/** Natural logarithm of `a / b` for positive bigints; undefined where either is not positive. */
export function logRatio(a: bigint, b: bigint): number | undefined {
  return a > 0n && b > 0n ? logOf(a) - logOf(b) : undefined;
}

/** Natural logarithm of a positive bigint, beyond the range of a float too. */
export function logOf(value: bigint): number {
  const digits = value.toString(16);
  const cut = Math.max(0, digits.length - 13);
  return Math.log(Number(`0x${digits.slice(0, digits.length - cut)}`)) + cut * Math.LN2 * 4;
}

/** `value` as evidence: at most six digits after the point, infinities as a large figure, so that JSON can say it. */
export function toPlainNumber(value: number): number {
  if (Number.isNaN(value)) return 0;
  if (!Number.isFinite(value)) return value > 0 ? 1e18 : -1e18;
  return Math.round(value * 1e6) / 1e6;
}
