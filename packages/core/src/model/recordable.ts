import type { Plain } from "./canonicalJson.ts";

const mostDepth = 32;

/**
 * A copy of `value` as it comes back after a new start: what is kept by reference could be changed behind the journal's back, and
 * no reorg would take that back. Throws NotRecordable.
 */
export function recordable<V extends Plain>(value: V): V {
  assertRecordable(value);
  return copyOf(value) as V;
}

/** Throws NotRecordable where `value`, below `path` of what is kept, would come back as something else after a new start, or not at all. */
export function assertRecordable(value: unknown, path = "", depth = 0): void {
  const fault = faultOf(value, depth);
  if (fault !== undefined) throw new NotRecordable(path, fault);
  if (value === null || typeof value !== "object") return;
  const isRow = Array.isArray(value);
  for (const [name, inner] of Object.entries(value))
    if (inner !== undefined) assertRecordable(inner, isRow ? `${path}[${name}]` : below(path, name), depth + 1);
}

function below(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function faultOf(value: unknown, depth: number): string | undefined {
  if (depth > mostDepth) return "deeper than 32 levels";
  if (typeof value === "number" && !Number.isFinite(value)) return `${value}`;
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  return kind === "Object" ? undefined : `a ${kind}`;
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
