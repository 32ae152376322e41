import canonicalize from "canonicalize";

// The package's types describe an ES default export; what Node gives is the function itself.
const serialize = canonicalize as unknown as (value: unknown) => string | undefined;

/** Data that can be hashed, stored and replayed. Bytes are lower-case 0x strings. */
export type Plain =
  | null
  | boolean
  | number
  | string
  | bigint
  | readonly Plain[]
  | { readonly [key: string]: Plain | undefined };

/** RFC 8785 JSON of `value`, with bigint written as a decimal string. Throws on what JSON cannot say. */
export function canonicalJson(value: unknown): string {
  const text = serialize(withoutBigint(value));
  if (text === undefined)
    throw new TypeError("Value has no JSON form.\n- Functions, symbols and undefined cannot be recorded.");
  return text;
}

function withoutBigint(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(withoutBigint);
  if (value !== null && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutBigint(inner)]));
  return value;
}
