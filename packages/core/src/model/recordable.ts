import type { Plain } from "./canonicalJson.ts";

const mostDepth = 32;
// A list that holds itself many times over is small here, and beyond measure once it is written.
const mostValues = 100_000;

/**
 * A copy of `value` as it comes back after a new start: what is kept by reference could be changed behind the journal's back, and
 * no reorg would take that back. Throws NotRecordable.
 */
export function recordable<V extends Plain>(value: V): V {
  assertRecordable(value);
  return copyOf(value) as V;
}

/** Throws NotRecordable where `value`, below `path` of what is kept, could not be kept, or would come back as something that it is not. */
export function assertRecordable(value: unknown, path = ""): void {
  assertBelow(value, path, 0, { values: 0 });
}

function assertBelow(value: unknown, path: string, depth: number, seen: { values: number }): void {
  seen.values += 1;
  const fault = seen.values > mostValues ? `more than ${mostValues} values` : faultOf(value, depth);
  if (fault !== undefined) throw new NotRecordable(path, fault);
  if (value === null || typeof value !== "object") return;
  const isRow = Array.isArray(value);
  for (const [name, inner] of Object.entries(value))
    if (inner !== undefined) assertBelow(inner, isRow ? `${path}[${name}]` : below(path, name), depth + 1, seen);
}

function below(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function faultOf(value: unknown, depth: number): string | undefined {
  if (depth > mostDepth) return "deeper than 32 levels";
  if (typeof value === "number" && !Number.isFinite(value)) return `${value}`;
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  if (!isPlainObject(value)) return `a ${value.constructor?.name ?? "value"}`;
  // The key that stands for a bigint where it is written.
  return typeof (value as { readonly $n?: unknown }).$n === "string" ? "an object with the key $n" : undefined;
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function copyOf(value: Plain): Plain {
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map((inner) => copyOf(inner ?? null));
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(fields.map(([name, inner]) => [name, copyOf(inner!)]));
}

// What `Array.isArray` says of a list that is read only is that it is any.
function isList(value: object): value is readonly Plain[] {
  return Array.isArray(value);
}

/** What is to be remembered cannot be kept. Not retryable: the detector has to leave it out. */
export class NotRecordable extends Error {
  override readonly name = "NotRecordable";
  constructor(path: string, what: string) {
    super(
      `In what is to be remembered, ${path === "" ? "the value" : path.slice(0, 60)} is ${what}.\n- Allowed: what JSON can say, and bigint; nothing was written.\n- Leave it out, or write it as text.`,
    );
  }
}
