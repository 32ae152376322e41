// Numbers as the chain writes them: most significant byte first. What lies behind the end of an input reads as zeros.
const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** The unsigned number in `length` bytes from `start`. */
export function readNumber(input: Uint8Array, start: number, length: number): bigint {
  const bytes = input.subarray(start, start + length);
  if (bytes.length === 0) return 0n;
  let hex = "0x";
  for (const byte of bytes) hex += hexDigits[byte];
  return BigInt(hex) << BigInt(8 * (length - bytes.length));
}

/** Writes `value` into `length` bytes from `start`. The value has to fit. */
export function writeNumber(output: Uint8Array, start: number, length: number, value: bigint): void {
  const hex = value.toString(16).padStart(2 * length, "0");
  for (let i = 0; i < length; i++) output[start + i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
}

/** `values` one after the other, `length` bytes each. */
export function encodeNumbers(length: number, ...values: readonly bigint[]): Uint8Array {
  const output = new Uint8Array(length * values.length);
  values.forEach((value, i) => {
    writeNumber(output, i * length, length, value);
  });
  return output;
}

/** The first `length` bytes of an input, with zeros behind its end. */
export function padRight(input: Uint8Array, length: number): Uint8Array {
  if (input.length >= length) return input.subarray(0, length);
  const padded = new Uint8Array(length);
  padded.set(input);
  return padded;
}
