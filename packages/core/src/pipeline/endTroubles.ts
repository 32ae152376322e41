// A trouble of ours that is over is settled by us: whoever was told that it began is told that it ended, and if it begins anew
// he is told that too.
import type { StreamTrouble } from "../model/ChainEvent.ts";
import type { Finding } from "../model/Finding.ts";
import type { Hex } from "../model/Hex.ts";
import { readCase, writeCase } from "./Case.ts";
import { type Ledger, setStanding, standingOf } from "./Ledger.ts";
import { moveFinding } from "./moveFinding.ts";
import { hourOf } from "./raise.ts";

// By the chain's clock. What comes and goes within it is one trouble, or a node that stumbles would be told at each step.
const quietSeconds = 300n;
const ourselves = "testudo";

const keyOf = (trouble: StreamTrouble["trouble"], source: string) => `${trouble} ${source}`;

/** Tells that `trouble` of `source` begins, or counts it where it goes on: `tell` makes a finding of it where it is news. */
export function begin(
  ledger: Ledger,
  trouble: StreamTrouble["trouble"],
  source: string,
  tell: () => Finding | undefined,
): void {
  const key = keyOf(trouble, source);
  const before = readCase(ledger.cases, "trouble", key);
  const item = before?.overAt === undefined ? undefined : readCase(ledger.cases, "finding", before.dedupKey);
  const { head } = standingOf(ledger);
  // A finding is of its hour: in the next one another takes its place.
  if (item !== undefined && head !== null && hourOf(item.finding.timestamp) !== hourOf(head.timestamp))
    settle(ledger, item.finding.dedupKey, before!.note!);
  const dedupKey = tell()?.dedupKey ?? before?.dedupKey;
  writeCase(ledger.cases, "trouble", key, dedupKey && { dedupKey });
  stopWaiting(ledger, key);
}

/** Notes that `trouble` of `source` is over, as `note` says. */
export function noteOver(ledger: Ledger, trouble: StreamTrouble["trouble"], source: string, note: string): void {
  const key = keyOf(trouble, source);
  const { head, ending = [] } = standingOf(ledger);
  const before = readCase(ledger.cases, "trouble", key);
  if (before === undefined || head === null) return;
  writeCase(ledger.cases, "trouble", key, { ...before, overAt: head.timestamp, note });
  setStanding(ledger, { ending: [...new Set([...ending, key])] });
}

/** Settles what has been over for five minutes at `now`, the chain's time in Unix seconds. */
export function endTroubles(ledger: Ledger, now: bigint): void {
  for (const key of standingOf(ledger).ending ?? []) {
    const { dedupKey, overAt = now, note = "It is over." } = readCase(ledger.cases, "trouble", key)!;
    if (now - overAt < quietSeconds) continue;
    settle(ledger, dedupKey, note);
    writeCase(ledger.cases, "trouble", key, undefined);
    stopWaiting(ledger, key);
  }
}

function settle(ledger: Ledger, dedupKey: Hex, note: string): void {
  const item = readCase(ledger.cases, "finding", dedupKey);
  if (item === undefined || item.work === "resolved") return;
  const said = { resolution: "true-positive", actor: ourselves, note } as const;
  moveFinding(ledger, item, "resolved", { chain: item.chain, work: "resolved", ...said });
}

function stopWaiting(ledger: Ledger, key: string): void {
  const { ending = [] } = standingOf(ledger);
  if (ending.includes(key)) setStanding(ledger, { ending: ending.filter((one) => one !== key) });
}
