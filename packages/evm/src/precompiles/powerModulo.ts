/** A big-endian number of `length` bytes, of which those behind the end of `bytes` are zeros. */
export interface Exponent {
  readonly bytes: Uint8Array;
  readonly length: number;
}

/**
 * `base ^ exponent % modulus` for a modulus above 1. Four bits of the exponent at a time: of 8192 bits it takes a sixth
 * fewer multiplications than one bit at a time.
 */
export function powerModulo(base: bigint, exponent: Exponent, modulus: bigint): bigint {
  const { bytes, length } = exponent;
  const start = firstByte(exponent);
  if (start === length) return 1n;
  const b = base % modulus;
  // Nothing that is multiplied by itself changes these, and a hostile exponent may be long.
  if (b <= 1n) return b;
  if (length - start <= 4) return binary(b, smallExponent(bytes, start, length), modulus);
  const powers = [1n, b];
  for (let i = 2; i < 16; i++) powers.push((powers[i - 1]! * b) % modulus);
  let result = 1n;
  for (let i = start; i < length; i++) {
    const byte = bytes[i] ?? 0;
    result = window(window(result, powers, byte >> 4, modulus), powers, byte & 15, modulus);
    if (result === 0n) return 0n;
  }
  return result;
}

function window(result: bigint, powers: readonly bigint[], digit: number, modulus: bigint): bigint {
  let r = result;
  // Before the first digit there is nothing to square.
  if (r !== 1n) for (let i = 0; i < 4; i++) r = (r * r) % modulus;
  return digit === 0 ? r : (r * powers[digit]!) % modulus;
}

// RSA's 3 and 65537 are what contracts mostly ask for; a table of powers would cost them more than it saves.
function binary(base: bigint, exponent: number, modulus: bigint): bigint {
  let result = base;
  for (let bit = 30 - Math.clz32(exponent); bit >= 0; bit--) {
    result = (result * result) % modulus;
    if ((exponent >> bit) & 1) result = (result * base) % modulus;
  }
  return result;
}

function smallExponent(bytes: Uint8Array, start: number, length: number): number {
  let exponent = 0;
  for (let i = start; i < length; i++) exponent = (exponent << 8) | (bytes[i] ?? 0);
  return exponent;
}

function firstByte({ bytes, length }: Exponent): number {
  const end = Math.min(bytes.length, length);
  for (let i = 0; i < end; i++) if (bytes[i] !== 0) return i;
  return length;
}
