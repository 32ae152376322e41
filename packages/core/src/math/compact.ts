const mantissaBits = 40n;

/** The smallest number of 40 significant bits at or above `value`, as contracts/src/libraries/Compact.sol keeps it. */
export function compactUp(value: bigint): bigint {
  const unit = unitOf(value);
  return ((value + unit - 1n) / unit) * unit;
}

/** The greatest number of 40 significant bits at or below `value`. */
export function compactDown(value: bigint): bigint {
  const unit = unitOf(value);
  return (value / unit) * unit;
}

// What the last of the 40 bits counts.
function unitOf(value: bigint): bigint {
  const bits = BigInt(value.toString(2).length);
  return bits > mantissaBits ? 1n << (bits - mantissaBits) : 1n;
}
