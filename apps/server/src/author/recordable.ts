import type { Plain } from "@testudo/core/model/canonicalJson";

const mostDepth = 32;

/**
 * A copy of `value` as it comes back after a new start: what is kept by reference could be changed behind the journal's back, and
 * no reorg would take that back. Throws NotRecordable.
 */
export function recordable<V extends Plain>(value: V, path = "", depth = 0): V {
  if (depth > mostDepth) throw new NotRecordable(path, "deeper than 32 levels");
  if (typeof value === "number" && !Number.isFinite(value)) throw new NotRecordable(path, `${value}`);
  if (typeof value === "function" || typeof value === "symbol") throw new NotRecordable(path, `a ${typeof value}`);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value))
    return value.map((inner, i) => recordable(inner ?? null, `${path}[${i}]`, depth + 1)) as unknown as V;
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (kind !== "Object") throw new NotRecordable(path, `a ${kind}`);
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(
    fields.map(([name, inner]) => [name, recordable(inner!, path === "" ? name : `${path}.${name}`, depth + 1)]),
  ) as V;
}

/** A row holds what cannot be kept. Not retryable: the detector has to leave it out. */
export class NotRecordable extends Error {
  override readonly name = "NotRecordable";
  constructor(path: string, what: string) {
    super(
      `In a row that is to be remembered, ${path === "" ? "the value" : path.slice(0, 60)} is ${what}.\n- Allowed: what JSON can say, and bigint; nothing was written.\n- Leave it out, or write it as text.`,
    );
  }
}
