import { basename } from "node:path";
import { zeroAddress } from "@testudo/core/model/Asset";
import type { Hex } from "@testudo/core/model/Hex";
import type { CaseFinding, EvaluationCase } from "./Case.ts";
import { badLine, readTable } from "./parseTable.ts";
import { columnsOf, type ListEntry, txIn } from "./readHashList.ts";

const namesOfVerdict = ["detected", "verdict", "prediction", "predicted", "flagged", "alert"];
const verdicts: { readonly [text: string]: boolean } = {
  ...{ "1": true, true: true, yes: true, attack: true },
  ...{ "0": false, false: false, no: false, benign: false },
};

/** What another system said: whether it told of a transaction. */
export interface OtherVerdicts {
  readonly name: string;
  readonly detected: ReadonlyMap<Hex, boolean>;
}

/**
 * The verdicts in `file`: hash, then detected (1, true, yes, attack) or not (0, false, no, benign), in this order or in columns
 * that a header names. Throws UsageError with the line.
 */
export function readOtherVerdicts(file: string): OtherVerdicts {
  const flag = "--against";
  const { rows } = readTable(flag, file);
  const { columns, body } = columnsOf(rows, namesOfVerdict);
  const detected = new Map<Hex, boolean>();
  for (const { line, cells } of body) {
    const at = { flag, file, line };
    const tx = txIn(cells[columns.tx] ?? "", at);
    const said = cells[columns.second] ?? "";
    const verdict = verdicts[said.toLowerCase()];
    if (verdict === undefined)
      throw badLine(at, `"${said}" is no verdict.`, "Allowed: 1, true, yes or attack; 0, false, no or benign.");
    if (detected.has(tx) && detected.get(tx) !== verdict)
      throw badLine(at, `${tx} has the other verdict on an earlier line.`, "Allowed: one verdict a transaction.");
    detected.set(tx, verdict);
  }
  return { name: basename(file), detected };
}

// Of another system it is known that it told, and not what.
const told: CaseFinding = {
  ...{ detector: "other", severity: "critical", class: "anomaly", subject: zeroAddress, score: 1, reason: "told" },
};

/** What `other` said of `entries`, as cases to compare with ours. Those that it says nothing of are left out. */
export function casesOfOther(other: OtherVerdicts, entries: readonly ListEntry[]): readonly EvaluationCase[] {
  return entries.flatMap(({ tx, truth }): EvaluationCase[] => {
    const isDetected = other.detected.get(tx);
    if (isDetected === undefined) return [];
    return [{ kind: "judged", tx, truth, source: other.name, has: [], findings: isDetected ? [told] : [], ms: 0 }];
  });
}
