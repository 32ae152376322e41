// A node's answer is checked here, at the edge, by hand: a back-scan reads 10,000 logs a second with six fields each,
// and a schema library costs ten times the reading itself. Everything inside trusts these types.
import type { Hex } from "@testudo/core/model/Hex";
import { RpcMalformed } from "../rpc/RpcError.ts";

const bytesPattern = /^0x[0-9a-f]*$/;
const quantityPattern = /^0x[0-9a-fA-F]{1,64}$/;

/** An answer of the node, and which method gave it. */
export interface Source {
  readonly method: string;
  readonly endpoint?: string;
}

/** The fields of an object. */
export type Fields = { readonly [field: string]: unknown };

/** Throws that `field` is not what was expected. */
export function refuse(source: Source, field: string, value: unknown, expected: string): never {
  throw new RpcMalformed(source.method, field, value, expected, source.endpoint);
}

export function toFields(source: Source, field: string, value: unknown): Fields {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    return refuse(source, field, value, "an object");
  return value as Fields;
}

export function toList(source: Source, field: string, value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(source, field, value, "a list");
}

/** Lower-case bytes of any length. */
export function toBytes(source: Source, field: string, value: unknown): Hex {
  if (typeof value === "string" && value.length % 2 === 0) {
    if (bytesPattern.test(value)) return value as Hex;
    const lower = value.toLowerCase();
    if (bytesPattern.test(lower)) return lower as Hex;
  }
  return refuse(source, field, value, "bytes as 0x…");
}

/** Lower-case bytes of a fixed length: 20 for an address, 32 for a hash. */
export function toFixedBytes(source: Source, field: string, value: unknown, length: number): Hex {
  if (typeof value !== "string" || value.length !== 2 + 2 * length)
    return refuse(source, field, value, `${length} bytes as 0x…`);
  return toBytes(source, field, value);
}

export function toAddress(source: Source, field: string, value: unknown): Hex {
  return toFixedBytes(source, field, value, 20);
}

export function toHash(source: Source, field: string, value: unknown): Hex {
  return toFixedBytes(source, field, value, 32);
}

/** An unsigned integer of up to 256 bits. */
export function toBigint(source: Source, field: string, value: unknown): bigint {
  if (typeof value === "string" && quantityPattern.test(value)) return BigInt(value);
  return refuse(source, field, value, "a quantity as 0x…");
}

// EIP-2681: no account has more.
const mostNonce = 2n ** 64n - 1n;

/** The nonce of an account, below 2^64. */
export function toNonce(source: Source, field: string, value: unknown): bigint {
  const nonce = toBigint(source, field, value);
  return nonce <= mostNonce ? nonce : refuse(source, field, value, "a nonce below 2^64");
}

/** A small unsigned integer; some nodes write it as a JSON number. */
export function toNumber(source: Source, field: string, value: unknown): number {
  const number = typeof value === "string" && quantityPattern.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
  return refuse(source, field, value, "a quantity as 0x… below 2^53");
}

const mostCounted = 2 ** 48;

/**
 * How many transactions or blocks a node counts. No chain comes near the bound, and what is stored of a count stays below 2^53 whatever
 * is added to it: one that a node makes up must not be kept where nothing could read it again.
 */
export function toCount(source: Source, field: string, value: unknown): number {
  const count = toNumber(source, field, value);
  return count < mostCounted ? count : refuse(source, field, value, "a count below 2^48");
}
