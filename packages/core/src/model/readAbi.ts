// Reading arrays and bytes from ABI-encoded data. The data is a stranger's: every offset and length is held against what is
// really there, and what does not fit gives undefined.
import { type Address, addressOfWord, type Hex, toWord, wordAt } from "./Hex.ts";

/** The position (in words) that the offset in word `head` points to, counted from word `base`. */
function target(data: Hex, base: number, head: number): number | undefined {
  const offset = wordAt(data, base + head);
  if (offset === undefined || offset % 32n !== 0n || offset >= BigInt(data.length)) return undefined;
  return base + Number(offset / 32n);
}

function lengthAt(data: Hex, at: number | undefined, limit: number): number | undefined {
  const length = at === undefined ? undefined : wordAt(data, at);
  return length === undefined || length > BigInt(limit) ? undefined : Number(length);
}

/** The words of the array of which word `head` is the offset; at most `limit`. */
export function wordsOfArray(data: Hex, head: number, limit: number): bigint[] | undefined {
  const at = target(data, 0, head);
  const length = lengthAt(data, at, limit);
  if (at === undefined || length === undefined) return undefined;
  const words = Array.from({ length }, (_, i) => wordAt(data, at + 1 + i));
  return words.every((w) => w !== undefined) ? words : undefined;
}

export function addressesOfArray(data: Hex, head: number, limit: number): Address[] | undefined {
  return wordsOfArray(data, head, limit)?.map((word) => addressOfWord(`0x${toWord(word)}`));
}

/** The entries of an array of `bytes` or `string`, as hexadecimal. */
export function bytesOfArray(data: Hex, head: number, limit: number): Hex[] | undefined {
  const at = target(data, 0, head);
  const length = lengthAt(data, at, limit);
  if (at === undefined || length === undefined) return undefined;
  const list = Array.from({ length }, (_, i) => bytesFrom(data, target(data, at + 1, i)));
  return list.every((b) => b !== undefined) ? list : undefined;
}

/** The `bytes` or `string` of which word `head` is the offset, as hexadecimal. */
export function bytesAt(data: Hex, head: number): Hex | undefined {
  return bytesFrom(data, target(data, 0, head));
}

function bytesFrom(data: Hex, at: number | undefined): Hex | undefined {
  const length = lengthAt(data, at, data.length);
  if (at === undefined || length === undefined) return undefined;
  const start = 2 + (at + 1) * 64;
  return data.length < start + 2 * length ? undefined : `0x${data.slice(start, start + 2 * length)}`;
}
