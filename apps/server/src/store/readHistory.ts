import type { CalibrationCut } from "@testudo/core/model/Calibration";
import type { Evidence } from "@testudo/core/model/Evidence";
import { fromPlainJson } from "@testudo/core/model/plainJson";
import { listFindings } from "./listViews.ts";
import { loadState } from "./loadState.ts";
import type { Store } from "./Store.ts";

/** What a store tells of the blocks that were watched. */
export interface StoredHistory {
  readonly from: bigint;
  readonly to: bigint;
  /** An hour around each finding that a person called a true positive. */
  readonly cuts: readonly Omit<CalibrationCut, "transactions">[];
}

const aroundSeconds = 3_600n;
const pageSize = 500;

/** The blocks that were judged into `store`, and the incidents among them (CAL-03). Undefined where none was. */
export async function readHistory(store: Store): Promise<StoredHistory | undefined> {
  const { cursor } = await loadState(store);
  const from = await firstBlock(store);
  if (cursor === null || from === undefined) return undefined;
  return { from, to: cursor.number, cuts: await incidentsIn(store) };
}

async function firstBlock(store: Store): Promise<bigint | undefined> {
  // Before the first block stand at most the remarks of the start.
  const rows = await store.db.selectFrom("evidence").select("body").orderBy("sequence").limit(100).execute();
  const links = rows.map(({ body }) => fromPlainJson<Evidence & never>(body) as Evidence);
  return links.find(({ input, blockNumber }) => input === "block" && blockNumber !== undefined)?.blockNumber;
}

async function incidentsIn(store: Store): Promise<StoredHistory["cuts"]> {
  const cuts: Omit<CalibrationCut, "transactions">[] = [];
  for (let beforeSeq: number | undefined; ; ) {
    const filter = { states: ["resolved"], limit: pageSize, ...(beforeSeq === undefined ? {} : { beforeSeq }) };
    const page = await listFindings(store, filter);
    for (const { finding, status } of page)
      if (status?.resolution === "true-positive")
        cuts.push({
          from: finding.timestamp - aroundSeconds,
          to: finding.timestamp + aroundSeconds,
          reason: `${finding.detector} in block ${finding.blockNumber}, a true positive`,
        });
    if (page.length < pageSize) return cuts.reverse();
    beforeSeq = page.at(-1)!.seq;
  }
}
