import type { CalibrationCut } from "@testudo/core/model/Calibration";
import type { Evidence } from "@testudo/core/model/Evidence";
import type { Feedback } from "@testudo/core/model/Feedback";
import { fromPlainJson } from "@testudo/core/model/plainJson";
import { eachPage } from "./eachPage.ts";
import { loadState } from "./loadState.ts";
import { readFeedback } from "./readFeedback.ts";
import type { Store } from "./Store.ts";

/** What a store tells of the blocks that were watched. */
export interface StoredHistory {
  readonly from: bigint;
  readonly to: bigint;
  /** An hour around each finding that a person called a true positive. */
  readonly cuts: readonly Omit<CalibrationCut, "transactions">[];
  /** What people said of findings and others reviewed (FIND-08). */
  readonly feedback: Feedback;
}

const aroundSeconds = 3_600n;

/** The blocks that were judged into `store`, and the incidents among them (CAL-03). Undefined where none was. */
export async function readHistory(store: Store): Promise<StoredHistory | undefined> {
  const { cursor } = await loadState(store);
  const from = await firstBlock(store);
  if (cursor === null || from === undefined) return undefined;
  return { from, to: cursor.number, cuts: await incidentsIn(store), feedback: await readFeedback(store) };
}

async function firstBlock(store: Store): Promise<bigint | undefined> {
  // Before the first block stand at most the remarks of the start.
  const rows = await store.db.selectFrom("evidence").select("body").orderBy("sequence").limit(100).execute();
  const links = rows.map(({ body }) => fromPlainJson<Evidence & never>(body) as Evidence);
  return links.find(({ input, blockNumber }) => input === "block" && blockNumber !== undefined)?.blockNumber;
}

async function incidentsIn(store: Store): Promise<StoredHistory["cuts"]> {
  const cuts: Omit<CalibrationCut, "transactions">[] = [];
  for await (const page of eachPage(store, { states: ["resolved"] }))
    for (const { finding, status } of page)
      if (status?.resolution === "true-positive")
        cuts.push({
          from: finding.timestamp - aroundSeconds,
          to: finding.timestamp + aroundSeconds,
          reason: `${finding.detector} in block ${finding.blockNumber}, a true positive`,
        });
  return cuts.reverse();
}
