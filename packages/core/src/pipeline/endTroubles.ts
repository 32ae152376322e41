// A trouble of ours that is over is settled by us: whoever was told that it began is told that it ended, and if it begins anew
// he is told that too.
import type { StreamTrouble } from "../model/ChainEvent.ts";
import type { Finding } from "../model/Finding.ts";
import { type Cells, openDraft } from "../model/Memory.ts";
import { readCase, type TroubleCase, writeCase } from "./Case.ts";
import { type Ledger, setStanding, standingOf } from "./Ledger.ts";
import { moveFinding } from "./moveFinding.ts";
import { hourOf } from "./raise.ts";

// By the chain's clock. What comes and goes within it is one trouble, or a node that stumbles would be told at each step.
const quietSeconds = 300n;
const ourselves = "testudo";
// What is told anew each hour for longer than a week has people's attention, or never will.
const mostEarlier = 168;

type Kind = Exclude<StreamTrouble["trouble"], "recovered">;

// How a part of ours is, and no more. Of the rest that it is over says little: nodes that told different chains, a flag that was
// on, an edit, a finding elsewhere or a thread that died may have been an attack's, and whoever did it could have it settled before anybody looked.
// Nor does a notice that was given up pass: it reaches nobody until a person has it sent again.
const passing: readonly Kind[] = [
  "endpoint-down",
  "endpoint-lags",
  "heads-lost",
  "no-block",
  "block-lag",
  "scope-degraded",
  "state-unread",
  "deployment-unread",
  "clock-skew",
  "heartbeat-missed",
  "peer-away",
  "remote-unread",
  "relay-failed",
  "flag-unread",
  "branch-unjudged",
];

const keyOf = (trouble: Kind, source: string) => `${trouble} ${source}`;

/** Tells that `trouble` of `source` begins, or counts it where it goes on: `tell` makes a finding of it where it is news. */
export function begin(ledger: Ledger, trouble: Kind, source: string, tell: () => Finding | undefined): void {
  if (!passing.includes(trouble)) return void tell();
  const key = keyOf(trouble, source);
  const before = readCase(ledger.cases, "trouble", key);
  const item = before?.overAt === undefined ? undefined : readCase(ledger.cases, "finding", before.dedupKey);
  const { head } = standingOf(ledger);
  // A finding is of its hour: in the next one another takes its place.
  const isOver = item !== undefined && head !== null && hourOf(item.finding.timestamp) !== hourOf(head.timestamp);
  if (isOver) settle(ledger, before!, before!.note!);
  const dedupKey = tell()?.dedupKey ?? before?.dedupKey;
  const kept = isOver || before === undefined ? [] : [...(before.earlier ?? []), before.dedupKey];
  const earlier = [...new Set(kept)].filter((one) => one !== dedupKey);
  writeCase(
    ledger.cases,
    "trouble",
    key,
    dedupKey && { dedupKey, ...(earlier.length === 0 ? {} : { earlier: earlier.slice(-mostEarlier) }) },
  );
  stopWaiting(ledger, key);
}

/** Notes that `trouble` of `source` is over, or where it is left out whatever of it passes, as `note` says. */
export function noteOver(ledger: Ledger, trouble: Kind | undefined, source: string, note: string): void {
  const { head } = standingOf(ledger);
  if (head === null) return;
  for (const kind of trouble === undefined ? passing : [trouble]) {
    const key = keyOf(kind, source);
    const before = readCase(ledger.cases, "trouble", key);
    // Said again, it is over since it was said first.
    if (before === undefined || before.overAt !== undefined) continue;
    writeCase(ledger.cases, "trouble", key, { ...before, overAt: head.timestamp, note });
    const { ending = [] } = standingOf(ledger);
    setStanding(ledger, { ending: [...new Set([...ending, key])] });
  }
}

/** Settles what has been over for five minutes at `now`, the chain's time in Unix seconds. */
export function endTroubles(ledger: Ledger, now: bigint): void {
  for (const key of standingOf(ledger).ending ?? []) {
    const trouble = readCase(ledger.cases, "trouble", key)!;
    const { overAt = now, note = "It is over." } = trouble;
    if (now - overAt < quietSeconds) continue;
    settle(ledger, trouble, note);
    writeCase(ledger.cases, "trouble", key, undefined);
    stopWaiting(ledger, key);
  }
}

function settle(ledger: Ledger, { dedupKey, earlier = [] }: TroubleCase, note: string): void {
  const said = { resolution: "true-positive", actor: ourselves, note } as const;
  for (const key of [...earlier, dedupKey]) {
    const item = readCase(ledger.cases, "finding", key);
    if (item === undefined || item.work === "resolved") continue;
    moveFinding(ledger, item, "resolved", { chain: item.chain, work: "resolved", ...said });
  }
}

function stopWaiting(ledger: Ledger, key: string): void {
  const { ending = [] } = standingOf(ledger);
  if (ending.includes(key)) setStanding(ledger, { ending: ending.filter((one) => one !== key) });
}

/** What was told and is not over yet, by `cells`. */
export function openTroubles(cells: Cells): readonly { readonly trouble: Kind; readonly source: string }[] {
  const prefix = "c/trouble/";
  const draft = openDraft(cells);
  return [...cells.keys()].flatMap((cell) => {
    const key = cell.startsWith(prefix) ? cell.slice(prefix.length) : undefined;
    if (key === undefined || readCase(draft, "trouble", key)?.overAt !== undefined) return [];
    const end = key.indexOf(" ");
    return [{ trouble: key.slice(0, end) as Kind, source: key.slice(end + 1) }];
  });
}
