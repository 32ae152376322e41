import { printable } from "../deliver/printable.ts";

// Nothing in it begins markup or a link within a line.
const plainWords = /^(?!.*www\.)[\p{L}\p{N} .,;:()%/'-]*$/iu;

/**
 * `text` out of a contract or a file for a table or a list of Markdown: plain words as they are, and anything else as code, where nothing
 * becomes markup, a link or an image. What would end the code or the cell is written with what looks alike: a renderer looks for
 * cells before it looks for code, and takes a backslash before a bar for an escape or not.
 */
export function inCode(text: string): string {
  const plain = printable(text)
    .replace(/[\u2028\u2029]/g, "·")
    .replaceAll("`", "'")
    .replaceAll("|", "¦");
  // A name with a scheme needs no more than that to be a link.
  if (plain.trim() === "" || (plainWords.test(plain) && !plain.includes("://"))) return plain;
  return `\`${plain}\``;
}
