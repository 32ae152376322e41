import type { Hex } from "@testudo/core/model/Hex";
import { readTextWithin } from "../config/readFileWithin.ts";
import { UsageError } from "../config/UsageError.ts";
import type { Truth } from "./Case.ts";

/** What a person knows of a transaction. Who attacked and who lost is left where it is: no detector may learn it (EVAL-05). */
export interface Label {
  readonly truth: Truth;
  readonly name?: string;
  readonly mechanism?: string;
  readonly chain?: string;
  /** Unix seconds of the day, where one is given. */
  readonly at?: number;
}

export type Labels = ReadonlyMap<Hex, Label>;

const truths: ReadonlySet<string> = new Set<Truth>(["attack", "benign", "weak"]);
const unknown = new Set(["", "-"]);

/**
 * Labels from a table with tabs and a header line. Column `tx` is needed; `label` (attack, benign or weak; attack where the
 * column is missing), `name`, `mechanism`, `chain` and `date` are read where they are, all others are not.
 * Throws UsageError for another file.
 */
export function readLabels(file: string): Labels {
  const lines = readOrRefuse(file)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
  const header = (lines.shift() ?? "").split("\t").map((name) => name.trim().toLowerCase());
  if (!header.includes("tx"))
    throw new UsageError(
      `--labels "${file}" has no column "tx".`,
      "Allowed: a table with tabs whose first line names its columns: tx, and label, name, mechanism, chain, date.",
      "Add the header, or name another file.",
    );
  return new Map(
    lines.map((line, i) => {
      const cells = new Map(line.split("\t").map((cell, at) => [header[at] ?? "", cell.trim()]));
      return [txOf(cells.get("tx") ?? "", file, i + 2), labelOf(cells, file, i + 2)];
    }),
  );
}

function readOrRefuse(file: string): string {
  try {
    return readTextWithin(file);
  } catch (cause) {
    throw new UsageError(
      `--labels "${file}" cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      "Allowed: a readable table.",
      "Correct the path.",
      { cause },
    );
  }
}

function txOf(text: string, file: string, line: number): Hex {
  const tx = text.toLowerCase();
  if (/^0x[0-9a-f]{64}$/.test(tx)) return tx as Hex;
  throw new UsageError(
    `--labels "${file}", line ${line}: "${text}" is no transaction hash.`,
    "Allowed: 0x and 64 hexadecimal digits.",
    "Correct the line.",
  );
}

function labelOf(cells: ReadonlyMap<string, string>, file: string, line: number): Label {
  const truth = cells.get("label") ?? "attack";
  if (!truths.has(truth))
    throw new UsageError(
      `--labels "${file}", line ${line}: "${truth}" is no label.`,
      `Allowed: ${[...truths].join(", ")}.`,
      "Correct the line.",
    );
  const text = (column: string) => (unknown.has(cells.get(column) ?? "") ? undefined : cells.get(column));
  const [name, mechanism, chain, date] = ["name", "mechanism", "chain", "date"].map(text);
  const at = date === undefined ? Number.NaN : Date.parse(date) / 1_000;
  return {
    truth: truth as Truth,
    ...(name === undefined ? {} : { name }),
    ...(mechanism === undefined ? {} : { mechanism }),
    ...(chain === undefined ? {} : { chain }),
    ...(Number.isNaN(at) ? {} : { at }),
  };
}
