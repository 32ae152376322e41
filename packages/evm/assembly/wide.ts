// Arithmetic one step wider than WebAssembly has it. A carry is the outcome of a comparison: after `sum = a + b`,
// `sum < b` tells whether it wrapped.

/** Returns the upper 64 bits of a * b; the lower ones are `a * b` itself. */
@inline
export function mulHigh(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const middle = aHigh * bLow + ((aLow * bLow) >> 32);
  return aHigh * bHigh + (middle >> 32) + ((aLow * bHigh + (middle & 0xffffffff)) >> 32);
}

/** Returns the limb of `high:low` that begins `64 - shift` bits below `high`; `shift` is below 64, and 0 gives `high`. */
@inline
export function funnelLeft(high: u64, low: u64, shift: u64): u64 {
  return (high << shift) | ((low >> 1) >> (63 - shift));
}

/** Returns the limb of `high:low` that begins `shift` bits above `low`'s lowest; `shift` is below 64, and 0 gives `low`. */
@inline
export function funnelRight(high: u64, low: u64, shift: u64): u64 {
  return (low >> shift) | ((high << 1) << (63 - shift));
}
