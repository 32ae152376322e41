import type { Evidence } from "@testudo/core/model/Evidence";
import { fromPlainJson } from "@testudo/core/model/plainJson";
import type { JudgedHistory } from "./foldHistory.ts";
import { loadState } from "./loadState.ts";
import { readJudged } from "./readJudged.ts";
import type { Store } from "./Store.ts";

/** What a store tells of the blocks that were watched. */
export interface StoredHistory extends JudgedHistory {
  readonly from: bigint;
  readonly to: bigint;
}

/** The blocks that were judged into `store`, and the incidents among them (CAL-03). Undefined where none was. */
export async function readHistory(store: Store): Promise<StoredHistory | undefined> {
  const { cursor } = await loadState(store);
  const from = await firstBlock(store);
  if (cursor === null || from === undefined) return undefined;
  return { from, to: cursor.number, ...(await readJudged(store)) };
}

async function firstBlock(store: Store): Promise<bigint | undefined> {
  // Before the first block stand at most the remarks of the start.
  const rows = await store.db.selectFrom("evidence").select("body").orderBy("sequence").limit(100).execute();
  const links = rows.map(({ body }) => fromPlainJson<Evidence & never>(body) as Evidence);
  return links.find(({ input, blockNumber }) => input === "block" && blockNumber !== undefined)?.blockNumber;
}
