// Finding 27: what the stream and our own parts say about themselves.
import type { StreamTrouble } from "../model/ChainEvent.ts";
import type { Severity } from "../model/Finding.ts";
import { resumeActions } from "./act.ts";
import type { Standing } from "./Case.ts";
import { begin, noteOver } from "./endTroubles.ts";
import { type Ledger, remark, setStanding, standingOf } from "./Ledger.ts";
import { raise } from "./raise.ts";
import { selfHealth } from "./selfHealth.ts";

// A quiet chain is quiet more often than it is cut off; two nodes that tell different chains is never nothing.
const troubleSeverity: Record<StreamTrouble["trouble"], Severity> = {
  "deep-reorg": "critical",
  "endpoint-disagrees": "critical",
  "endpoint-down": "high",
  "block-lag": "high",
  "dead-letter": "high",
  "endpoint-lags": "medium",
  "heads-lost": "low",
  "no-block": "medium",
  "scope-degraded": "medium",
  "state-unread": "high",
  "deployment-drift": "high",
  "deployment-unread": "medium",
  "rules-refused": "medium",
  "config-edited": "medium",
  "report-unread": "medium",
  "thread-lost": "high",
  "clock-skew": "high",
  "heartbeat-missed": "high",
  "peer-missed": "critical",
  "peer-away": "high",
  "remote-unread": "high",
  "relay-failed": "high",
  "flag-on": "high",
  "flag-unread": "high",
  // Which branch is the chain is not known: an attack on either counts as one.
  "branch-finding": "critical",
  "branch-unjudged": "high",
  recovered: "info",
};

// What happened, not how a part of ours is: another edit is news beside the first, which nobody may have settled yet, and the same
// again is none.
const edits: readonly StreamTrouble["trouble"][] = ["rules-refused", "config-edited"];

/** Writes down what is wrong with our own parts, and whether automatic actions rest meanwhile; tells a person of it. */
export function noteTrouble(ledger: Ledger, input: StreamTrouble): void {
  const source = input.endpoint ?? "stream";
  const { frozen, head } = standingOf(ledger);
  setStanding(ledger, { frozen: frozenAfter(frozen, input, source) });
  const over = input.over === undefined ? "" : ` from ${input.over}`;
  remark(ledger, "trouble", source, `${input.trouble}${over}: ${input.message}`);
  if (input.freeze === false) resumeActions(ledger);
  if (head === null) return;
  if (input.trouble === "recovered") {
    noteOver(ledger, input.over, source, input.message);
    return;
  }
  begin(ledger, input.trouble, source, () =>
    raise(ledger, {
      use: selfHealth,
      ref: head,
      phase: "live",
      draft: {
        severity: input.quiet ? "info" : troubleSeverity[input.trouble],
        reason: input.message,
        subject: "0x0000000000000000000000000000000000000000",
        // What was quiet is news when it is told aloud, and no repetition.
        key: [
          input.trouble,
          source,
          ...(edits.includes(input.trouble) ? [input.message] : []),
          ...(input.quiet ? ["quiet"] : []),
        ],
        score: 1,
        evidence: { trouble: input.trouble, endpoint: source },
      },
    }),
  );
}

// The stream says whether to rest over all its troubles together, so that its "no" ends what any of them began; reasons are
// kept by source only to be shown.
function frozenAfter(
  frozen: Standing["frozen"],
  { freeze, trouble, message }: StreamTrouble,
  source: string,
): Standing["frozen"] {
  if (freeze === undefined) return frozen;
  if (!freeze) return {};
  if (trouble !== "recovered") return { ...frozen, [source]: message };
  const { [source]: _, ...others } = frozen;
  return Object.keys(others).length > 0 ? others : { [source]: `too few nodes are well, though: ${message}` };
}
