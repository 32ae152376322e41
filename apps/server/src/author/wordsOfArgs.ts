const mostArgs = 6;
const mostLetters = 42;

/**
 * Arguments in words, for a finding that says nothing else: "token 0x…, amount 5". The first six; of a long one its beginning,
 * and of lists how many they hold: whoever is judged has chosen them.
 */
export function wordsOfArgs(args: unknown): string {
  if (args === null || typeof args !== "object") return "";
  const all = Object.entries(args);
  const words = all.slice(0, mostArgs).map(([name, value]) => `${name} ${wordOf(value)}`);
  return [...words, ...(all.length > mostArgs ? [`${all.length - mostArgs} more`] : [])].join(", ");
}

function wordOf(value: unknown): string {
  if (Array.isArray(value)) return `(${value.length})`;
  if (value !== null && typeof value === "object") return "{…}";
  const text = String(value);
  const whole = typeof value !== "string" || /^0x[0-9a-f]*$/i.test(text) ? text : JSON.stringify(text);
  return whole.length > mostLetters ? `${whole.slice(0, mostLetters)}…` : whole;
}
