/**
 * `value` as JSON, for a message; undefined where there is nothing to write. What a node sent may nest deeper than a stack, or be longer
 * than a text: that is said in its place, for whoever tells a fault must not fail by it.
 */
export function toJsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? inner.toString() : inner));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return "(nested too deep, or too long, to be written)";
  }
}
