/**
 * `text` with a dot for each control character. Text from the chain or from a file may hold anything; control characters
 * could rewrite what a person reads (DELIV-04).
 */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, "·");
}

/** The same of several lines, which stay. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}
