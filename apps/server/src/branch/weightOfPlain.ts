import type { Plain } from "@testudo/core/model/canonicalJson";

/** About how many bytes `value` takes in memory; a bound needs no more. */
export function weightOfPlain(value: Plain | undefined): number {
  if (typeof value === "string") return 24 + value.length;
  if (typeof value === "bigint") return 48;
  if (typeof value !== "object" || value === null) return 8;
  let weight = 32;
  if (Array.isArray(value)) for (const item of value as readonly Plain[]) weight += 8 + weightOfPlain(item);
  else for (const [key, item] of Object.entries(value)) weight += 24 + key.length + weightOfPlain(item);
  return weight;
}
