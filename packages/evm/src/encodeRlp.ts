import { fromHex } from "./hex.ts";

/** Bytes, or a list of such. */
export type RlpItem = Uint8Array | readonly RlpItem[];

/** `item` in recursive length prefix (Ethereum's yellow paper, appendix B). */
export function encodeRlp(item: RlpItem): Uint8Array {
  if (item instanceof Uint8Array) return item.length === 1 && item[0]! < 0x80 ? item : prefixed(0x80, [item]);
  return prefixed(0xc0, item.map(encodeRlp));
}

/** A list whose items are encoded already. */
export function encodeRlpList(encoded: readonly Uint8Array[]): Uint8Array {
  return prefixed(0xc0, encoded);
}

/** `value` in as few bytes as hold it; zero in none. */
export function toShortBytes(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(0);
  const digits = value.toString(16);
  return fromHex(`0x${digits.length % 2 === 0 ? digits : `0${digits}`}`);
}

function prefixed(base: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const lengthBytes = length < 56 ? undefined : toShortBytes(BigInt(length));
  const start = 1 + (lengthBytes?.length ?? 0);
  const out = new Uint8Array(start + length);
  out[0] = lengthBytes === undefined ? base + length : base + 55 + lengthBytes.length;
  if (lengthBytes !== undefined) out.set(lengthBytes, 1);
  let at = start;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
