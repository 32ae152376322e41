/** `1 / value` modulo a prime, from 0 on; `value` must not be a multiple of it. Euclid's algorithm, so not in constant time. */
export function invertModulo(value: bigint, prime: bigint): bigint {
  let [rest, next] = [prime, positiveModulo(value, prime)];
  let [factor, nextFactor] = [0n, 1n];
  while (next !== 0n) {
    const quotient = rest / next;
    [rest, next] = [next, rest - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return positiveModulo(factor, prime);
}

/** `value` modulo `prime`, from 0 on; JavaScript's `%` keeps the sign. */
export function positiveModulo(value: bigint, prime: bigint): bigint {
  const rest = value % prime;
  return rest < 0n ? rest + prime : rest;
}
