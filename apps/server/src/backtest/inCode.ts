import { printable } from "../deliver/printable.ts";

// Nothing in it begins markup or a link within a line: a bracket alone is none. Without a backslash before it, an escaped bar is one.
const plainWords = /^(?!.*(?:www\.|:\/\/))[\p{L}\p{N} .,;:()%/'|[·-]*$/iu;

/**
 * `text` out of a contract or a file for a table or a list of Markdown: plain words as they are, and anything else as code, where nothing
 * becomes markup, a link or an image. What would end the code or the cell is written there with what looks alike: a renderer looks for
 * cells before it looks for code, and takes a backslash before a bar for an escape or not.
 */
export function inCode(text: string): string {
  const shown = printable(text).replace(/[\u2028\u2029]/g, "·");
  if (plainWords.test(shown)) return shown.replaceAll("|", "\\|");
  return `\`${shown.replaceAll("`", "'").replaceAll("|", "¦")}\``;
}
