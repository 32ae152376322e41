/**
 * A curve `y² = x³ + b` of prime order over a prime field, with the map `(x, y) → (beta x, y)`, which multiplies by `lambda`:
 * a scalar splits into two of half its length (Gallant, Lambert, Vanstone, CRYPTO 2001).
 */
export interface GlvCurve {
  readonly p: bigint;
  /** Order of the group. */
  readonly n: bigint;
  readonly b: bigint;
  readonly beta: bigint;
  readonly lambda: bigint;
  /** Short vectors `(u, v)` with `u + v lambda = 0` modulo n. */
  readonly basis: readonly [readonly [bigint, bigint], readonly [bigint, bigint]];
  /** A number of the same class modulo p with hardly more bits than p; of either sign. */
  reduce(value: bigint): bigint;
}

/** `[k1, k2]` with `k1 + k2 lambda = k` modulo n, both of half the length of n and of either sign. */
export function splitScalar({ n, basis: [[u1, v1], [u2, v2]] }: GlvCurve, k: bigint): [bigint, bigint] {
  const c1 = (v2 * k) / n;
  const c2 = (-v1 * k) / n;
  return [k - c1 * u1 - c2 * u2, -c1 * v1 - c2 * v2];
}
