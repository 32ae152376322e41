/**
 * `text` as a string literal of JavaScript on one line, wherever in generated code it stands: JSON leaves U+2028 and U+2029 as
 * they are, and both end a line there.
 */
export function literalOf(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16)}`);
}
