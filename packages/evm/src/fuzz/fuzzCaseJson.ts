// A case as text, so that it can stand in git: numbers and bytes as hex.
import { type Address, fromHex, type Hex, toHex } from "../hex.ts";
import type { FuzzCase } from "./FuzzWorld.ts";

const marks = { number: "#", bytes: "0x" };

/** The case as JSON: a number is `#` and hex digits, bytes are `0x` and digits, a map a list of pairs. */
export function writeFuzzCase(given: FuzzCase): string {
  return `${JSON.stringify(given, (_, value) => encode(value), 1)}\n`;
}

function encode(value: unknown): unknown {
  if (typeof value === "bigint") return `${marks.number}${value.toString(16)}`;
  if (value instanceof Uint8Array) return { bytes: toHex(value) };
  return value instanceof Map ? { map: [...value] } : value;
}

/** Reads what `writeFuzzCase` wrote. */
export function readFuzzCase(text: string): FuzzCase {
  return JSON.parse(text, (_, value) => decode(value)) as FuzzCase;
}

function decode(value: unknown): unknown {
  if (typeof value === "string" && value.startsWith(marks.number)) return BigInt(`0x${value.slice(1)}`);
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 1) return value;
  if (Object.hasOwn(value, "bytes")) return fromHex((value as { bytes: Hex }).bytes);
  return Object.hasOwn(value, "map") ? new Map((value as { map: [Address, unknown][] }).map) : value;
}
