import type { Input } from "@testudo/core/model/Input";
import type { Commit } from "@testudo/core/model/Output";
import { readStatus } from "../operator/readStatus.ts";
import type { Store } from "../store/Store.ts";

/**
 * Ends what the run before was frozen by, at the first block that arrives without trouble; with trouble, the stream tells
 * its end itself. Without this a trouble that ended while nobody looked would hold actions back for ever.
 */
export function thawing(tell: (input: Input) => void): (commit: Commit) => void {
  let isOpen = true;
  return ({ records, cursor }) => {
    if (!isOpen) return;
    if (records.some((record) => record.kind === "Remark" && record.topic === "trouble")) isOpen = false;
    else if (cursor) {
      isOpen = false;
      tell({ kind: "trouble", trouble: "recovered", message: "Blocks arrive after a new start.", freeze: false });
    }
  };
}

/** Whether the run before held actions back when it ended. */
export async function wasFrozen(store: Store, dataDir: string): Promise<boolean> {
  return Object.keys((await readStatus(store, dataDir)).frozen).length > 0;
}
