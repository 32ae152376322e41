import { stripVTControlCharacters } from "node:util";

/** `line` broken between words so that no part is wider than `width` columns; parts after the first are indented. Colours count as nothing. */
export function wrapLine(line: string, width: number, indent = 11): string {
  const parts: string[] = [];
  let current = "";
  for (const word of line.split(/(?<=\S) (?=\S)/)) {
    const candidate = current === "" ? word : `${current} ${word}`;
    if (current !== "" && widthOf(candidate) > width) {
      parts.push(current);
      current = " ".repeat(indent) + word;
    } else current = candidate;
  }
  return [...parts, current].join("\n");
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
