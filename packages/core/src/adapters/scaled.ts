/** `amount` of a token with `decimals` decimals in WAD. */
export function wadOf(amount: bigint, decimals: number): bigint {
  return decimals <= 18 ? amount * 10n ** BigInt(18 - decimals) : amount / 10n ** BigInt(decimals - 18);
}

/** `a · b` of two WADs in WAD, rounded towards zero. */
export function mulWad(a: bigint, b: bigint): bigint {
  return (a * b) / 10n ** 18n;
}

/** `a / b` of two WADs in WAD, rounded towards zero; `b` is not 0. */
export function divWad(a: bigint, b: bigint): bigint {
  return (a * 10n ** 18n) / b;
}

export function absolute(x: bigint): bigint {
  return x < 0n ? -x : x;
}
