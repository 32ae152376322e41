const maxUint256 = (1n << 256n) - 1n;

/**
 * `value` of `decimals` (0 to 36) in WAD: exact up to 18 decimals, rounded down beyond, and 2^256 - 1 where it does not fit
 * into a word. The same as contracts/src/libraries/Wad.sol.
 */
export function wadFromDecimalsDown(value: bigint, decimals: bigint): bigint {
  const wad = (value * 10n ** 18n) / 10n ** decimals;
  return wad < maxUint256 ? wad : maxUint256;
}
