import type { Plain } from "./canonicalJson.ts";

// Unlike canonical JSON this form can be read back: a bigint is an object with the single key `$n`.
const tag = "$n";

/** JSON of `value` that `fromPlainJson` reads back exactly, bigint included. */
export function toPlainJson(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? { [tag]: inner.toString() } : inner));
}

/** The value behind `text`. Throws SyntaxError on what is no JSON. */
export function fromPlainJson<T = Plain>(text: string): T {
  return JSON.parse(text, (_, inner) =>
    inner !== null && typeof inner === "object" && typeof inner[tag] === "string" ? BigInt(inner[tag]) : inner,
  );
}
