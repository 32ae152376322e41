// Blocks of Markdown.

/** Text with its lists set off by empty lines, so that Markdown sees where they begin and end. */
export function prose(text) {
  const isListed = (line) => /^(?:- |\s{2})/.test(line);
  const lines = text.split("\n");
  const isTurn = (line, i) => i > 0 && line !== "" && lines[i - 1] !== "" && isListed(line) !== isListed(lines[i - 1]);
  return lines
    .map((line, i) => (isTurn(line, i) ? `\n${line}` : line))
    .join("\n")
    .trim();
}

/** Solidity. */
export const code = (text) => `\`\`\`solidity\n${text}\n\`\`\``;

/** Text that fits into a cell of a table. */
export const cell = (text) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** A table of two columns whose rows are laid out. */
export const table = (left, right, rows) => [`| ${left} | ${right} |`, "|---|---|", ...rows].join("\n");

/** A page of the blocks that are not empty. */
export const joined = (blocks) => `${blocks.filter(Boolean).join("\n\n")}\n`;
