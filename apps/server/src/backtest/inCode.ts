import { printable } from "../deliver/printable.ts";

/**
 * `text` out of a contract or a file as code within a table of Markdown, where nothing becomes markup, a link or an image. What would end
 * the code or the cell is written with what looks alike: a renderer looks for cells before it looks for code, and takes a backslash
 * before a bar for an escape or not.
 */
export function inCode(text: string): string {
  const plain = printable(text)
    .replace(/[\u2028\u2029]/g, "·")
    .replaceAll("`", "'")
    .replaceAll("|", "¦");
  return plain.trim() === "" ? "" : `\`${plain}\``;
}
