/** Bytes as lower-case hexadecimal with the prefix `0x`. */
export type Hex = `0x${string}`;

/** A 20-byte account address, lower case. */
export type Address = Hex;

/** 32 bytes of nothing: no predecessor, no role below another, no group. */
export const zeroHash: Hex = `0x${"0".repeat(64)}`;

/** Lower-cases `value`. Nodes and people write checksummed addresses; everything in core is lower case. */
export function toLower(value: string): Hex {
  return value.toLowerCase() as Hex;
}

const addressPattern = /^0x[0-9a-fA-F]{40}$/;

/** Whether `value` is a 20-byte address in hexadecimal, in any case. */
export function isAddress(value: unknown): value is Address {
  return typeof value === "string" && addressPattern.test(value);
}

/** Reads an ABI-encoded word (32 bytes) at `index` of `data`, without the prefix counted, as an unsigned integer. */
export function wordAt(data: Hex, index: number): bigint | undefined {
  const start = 2 + index * 64;
  if (data.length < start + 64) return undefined;
  return BigInt(`0x${data.slice(start, start + 64)}`);
}

/** The address in the low 20 bytes of a 32-byte word or topic. */
export function addressOfWord(word: Hex): Address {
  return `0x${word.slice(-40).toLowerCase()}`;
}

/** A 32-byte word, left-padded, of an address or an unsigned integer; without the prefix. */
export function toWord(value: Hex | bigint): string {
  return (typeof value === "bigint" ? value.toString(16) : value.slice(2)).padStart(64, "0");
}
