import fc from "fast-check";

/** Bytes of hexadecimal text; blanks and line ends between them are left out. */
export function bytesOf(text: string): Uint8Array {
  const hex = text.replaceAll(/\s/g, "");
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** Lower-case hexadecimal text, or "fails" for a call that fails. */
export function hexOf(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return "fails";
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Numbers of `length` bytes each, one after the other. */
export function numbers(length: number, ...values: readonly bigint[]): Uint8Array {
  return bytesOf(values.map((value) => value.toString(16).padStart(2 * length, "0")).join(""));
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Numbers of 256 bits, with more of those at the ends of `order` than chance would give. */
export function scalars(order: bigint): fc.Arbitrary<bigint> {
  const any = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n });
  return fc.oneof(any, any, fc.constantFrom(0n, 1n, 2n, order - 1n, order, order + 1n, (1n << 256n) - 1n));
}
