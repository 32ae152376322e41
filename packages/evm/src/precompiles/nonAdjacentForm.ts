/**
 * Digits of `scalar`, least significant first, each zero or odd and below `2^(width - 1)` in size, with at least
 * `width - 1` zeros between two of them: the fewer digits, the fewer additions. A negative scalar has them negated.
 */
export function nonAdjacentForm(scalar: bigint, width: number): Int16Array {
  const sign = scalar < 0n ? -1 : 1;
  const bits = bitsOf(scalar < 0n ? -scalar : scalar, width);
  const digits = new Int16Array(bits.length);
  let carry = 0;
  for (let i = 0; i < bits.length; ) {
    if (bits[i] === carry) {
      i++;
      continue;
    }
    let digit = carry;
    for (let j = 0; j < width && i + j < bits.length; j++) digit += bits[i + j]! << j;
    carry = digit >> (width - 1);
    digits[i] = sign * (digit - (carry << width));
    i += width;
  }
  return digits;
}

// A few zeros at the top take the last carry. By way of text, since each operation on a bigint allocates.
function bitsOf(value: bigint, width: number): Uint8Array {
  const hex = value.toString(16);
  const bits = new Uint8Array(4 * hex.length + width + 1);
  for (let i = 0; i < hex.length; i++) {
    const nibble = Number.parseInt(hex[hex.length - 1 - i]!, 16);
    for (let j = 0; j < 4; j++) bits[4 * i + j] = (nibble >> j) & 1;
  }
  return bits;
}
