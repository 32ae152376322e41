// Tables as people keep them: with tabs, commas or semicolons, or one value a line.
import { readFileWithin } from "../config/readFileWithin.ts";
import { UsageError } from "../config/UsageError.ts";

/** A line of a table that says something. */
export interface TableRow {
  /** In the file, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

const separators = ["\t", ",", ";"];

/**
 * The rows of the table that `flag` names as `file`. The first line says what separates cells: tabs, else commas, else semicolons;
 * a cell may stand in quotes, in which "" is one. Blank lines and those that begin with # say nothing. Throws UsageError.
 */
export function readTable(flag: string, file: string): { readonly rows: readonly TableRow[]; readonly bytes: Buffer } {
  const bytes = readOrRefuse(flag, file);
  const lines = bytes
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .split(/\r\n|\n|\r/);
  const told = lines.map((text, i) => ({ line: i + 1, text })).filter(({ text }) => !/^\s*(#|$)/.test(text));
  const separator = separators.find((one) => told[0]?.text.replace(/"(?:[^"]|"")*"/g, "").includes(one)) ?? "\t";
  const rows = told.map(({ line, text }) => ({ line, cells: cellsOf(text, separator, { flag, file, line }) }));
  if (rows.length === 0)
    throw new UsageError(`${flag} "${file}" is empty.`, "Needed: one transaction a line.", "Name another file.");
  return { rows, bytes };
}

/** What is wrong with a line of a table. */
export function badLine(
  { flag, file, line }: { readonly flag: string; readonly file: string; readonly line: number },
  what: string,
  allowed: string,
): UsageError {
  return new UsageError(`${flag} "${file}", line ${line}: ${what}`, allowed, "Correct the line, or take it out.");
}

function readOrRefuse(flag: string, file: string): Buffer {
  try {
    return readFileWithin(file);
  } catch (cause) {
    throw new UsageError(
      `${flag} "${file}" cannot be read: ${cause instanceof Error ? cause.message : cause}.`,
      "Allowed: a table with tabs or commas, or one transaction a line.",
      "Correct the path.",
      { cause },
    );
  }
}

function cellsOf(text: string, separator: string, at: Parameters<typeof badLine>[0]): string[] {
  const cells: string[] = [];
  let rest = text;
  for (;;) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*/.exec(rest);
    const end = quoted === null ? rest.indexOf(separator) : quoted[0].length;
    if (quoted === null && /^\s*"/.test(rest))
      throw badLine(at, "a quote does not end.", 'Allowed: "text", on one line.');
    cells.push(quoted === null ? rest.slice(0, end === -1 ? undefined : end).trim() : quoted[1]!.replaceAll('""', '"'));
    if (end === -1 || end >= rest.length) return cells;
    if (!rest.startsWith(separator, end))
      throw badLine(at, "text follows a quote.", 'Allowed: "text" as a whole cell.');
    rest = rest.slice(end + separator.length);
  }
}
