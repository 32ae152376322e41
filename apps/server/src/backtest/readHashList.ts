import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { Hex } from "@testudo/core/model/Hex";
import { quoted } from "../config/looksSecret.ts";
import { UsageError } from "../config/UsageError.ts";
import type { Truth } from "./Case.ts";
import { badLine, readTable, type TableRow } from "./parseTable.ts";

/** A transaction of a list, and what the list says of it. */
export interface ListEntry {
  readonly tx: Hex;
  readonly truth: Extract<Truth, "attack" | "benign">;
  readonly name?: string;
}

/** A list of transactions. */
export interface HashList {
  /** The file's name, without its folder. */
  readonly name: string;
  readonly entries: readonly ListEntry[];
  /** SHA-256 of the file. */
  readonly hash: string;
}

/** Where the columns of a table are; -1 for one that is not there. */
export type Columns = { readonly [name in "tx" | "second" | "name"]: number };

const namesOfTx = ["tx", "hash", "txhash", "transaction", "transactionhash", "txnhash"];
const namesOfLabel = ["label", "truth", "class", "isattack", "attack"];
const namesOfName = ["name", "protocol", "project"];

const labels: { readonly [text: string]: ListEntry["truth"] } = {
  ...{ attack: "attack", "1": "attack" },
  ...{ benign: "benign", "0": "benign" },
};

/**
 * The transactions in `file`: hash, label (attack or 1, benign or 0) and name, in this order, or in columns that a header
 * names. A list without labels is one of attacks; in a list with labels each line has one. Throws UsageError with the line.
 */
export function readHashList(file: string): HashList {
  const flag = "--list";
  const { rows, bytes } = readTable(flag, file);
  const { columns, body } = columnsOf(rows, namesOfLabel);
  if (body.length === 0)
    throw new UsageError(
      `--list "${file}" names no transaction.`,
      "Needed: one a line, below the header.",
      "Name another file.",
    );
  const isLabelled = body.some(({ cells }) => (cells[columns.second] ?? "") !== "");
  const entries = body.map(({ line, cells }): ListEntry => {
    const at = { flag, file, line };
    const tx = txIn(cells[columns.tx] ?? "", at);
    const said = (cells[columns.second] ?? "").toLowerCase();
    const truth = isLabelled ? labels[said] : "attack";
    if (truth === undefined)
      throw badLine(
        at,
        said === "" ? "has no label, and other lines do." : `"${said}" is no label.`,
        "Allowed: attack or 1, benign or 0; in a list with labels each line has one.",
      );
    const name = cells[columns.name] ?? "";
    return { tx, truth, ...(name === "" ? {} : { name }) };
  });
  return { name: basename(file), entries, hash: createHash("sha256").update(bytes).digest("hex") };
}

/** Where the columns are, and the rows below the header, where there is one. `second`: names of the second column. */
export function columnsOf(
  rows: readonly TableRow[],
  second: readonly string[],
): { readonly columns: Columns; readonly body: readonly TableRow[] } {
  const [first] = rows;
  const header = (first?.cells ?? []).map((cell) => cell.toLowerCase().replace(/[\s_-]/g, ""));
  const find = (names: readonly string[]) => header.findIndex((cell) => names.includes(cell));
  if (find(namesOfTx) === -1) return { columns: { tx: 0, second: 1, name: 2 }, body: rows };
  return { columns: { tx: find(namesOfTx), second: find(second), name: find(namesOfName) }, body: rows.slice(1) };
}

/** The hash that `text` is. Throws UsageError. */
export function txIn(text: string, at: Parameters<typeof badLine>[0]): Hex {
  const tx = text.toLowerCase();
  if (/^0x[0-9a-f]{64}$/.test(tx)) return tx as Hex;
  throw badLine(at, `${quoted(text.slice(0, 80))} is no transaction hash.`, "Allowed: 0x and 64 hexadecimal digits.");
}
