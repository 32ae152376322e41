import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Input } from "@testudo/core/model/Input";
import type { Cells } from "@testudo/core/model/Memory";
import type { Commit } from "@testudo/core/model/Output";
import { openTroubles } from "@testudo/core/pipeline/endTroubles";

/**
 * Ends what the run before had told and never saw the end of, at the first live block, but for what this run has told of
 * itself: nobody else remembers it, and it would stay open for ever.
 */
export function endingEarlier(cells: Cells, tell: (input: Input) => void): (commit: Commit, isLive: boolean) => void {
  let open = openTroubles(cells);
  return ({ records }, isLive) => {
    if (open.length === 0) return;
    for (const record of records)
      if (record.kind === "Remark" && record.topic === "trouble")
        open = open.filter(({ trouble, source }) => source !== record.actor || !isAbout(record.text, trouble));
    if (!isLive) return;
    for (const { trouble, source } of open) tell(overOf(trouble, source));
    open = [];
  };
}

// "endpoint-down: …" as it begins, "recovered from endpoint-down: …" as it ends, and "recovered: …" where whatever it was has ended.
function isAbout(text: string, trouble: StreamTrouble["trouble"]): boolean {
  return [trouble, `recovered from ${trouble}`, "recovered"].some((what) => text.startsWith(`${what}: `));
}

function overOf(over: Exclude<StreamTrouble["trouble"], "recovered">, source: string): StreamTrouble {
  const message = "It has not come again since the watch was started anew.";
  return { kind: "trouble", trouble: "recovered", over, message, ...(source === "stream" ? {} : { endpoint: source }) };
}
