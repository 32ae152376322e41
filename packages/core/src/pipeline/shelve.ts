// Which cases are at hand. Whoever provokes findings decides how many there are, so that those of old that nothing rests on
// are put away. Their records stay in the store: who speaks of one later brings it along (`takeFromShelf`).
import { isAtLeast } from "../model/Finding.ts";
import type { Hex } from "../model/Hex.ts";
import type { Input } from "../model/Input.ts";
import { type ActionCase, type FindingCase, readCase, writeCase } from "./Case.ts";
import { type Ledger, standingOf } from "./Ledger.ts";
import { type AtHand, noteAtHand, shelfOf } from "./noteAtHand.ts";

/** Beyond so many the oldest are put away, and those of a month however few there are. */
const mostAtHand = 10_000;
const keptSeconds = 30n * 86_400n;
/** A finding's key holds its hour, and a block of that hour may say it again: it is at hand for two. */
const leastSeconds = 7_200n;
/** Cases that one step puts away, so that none takes long. */
const mostAStep = 2_000;

/**
 * Puts away the oldest findings of more than `most`, and those older than a month, at `now` (the chain's time in Unix seconds). At
 * hand stays what is not final, what an open incident, an action or a composite rests on, what a person has taken upon himself
 * or another has yet to review, reports, and what is told of ourselves and not settled, for its month.
 */
export function shelveCases(ledger: Ledger, now: bigint, most: number = mostAtHand): void {
  adoptEarlier(ledger, now);
  const due = ({ at }: { readonly at: bigint }, count: number) =>
    now - at > keptSeconds || (count > most && now - at > leastSeconds);
  const shelf = shelfOf(ledger.cases);
  let { first, count } = shelf;
  const kept: AtHand[] = [];
  let isNeeded: Needs | undefined;
  for (let looked = 0; first < shelf.next && looked < mostAStep; first += 1) {
    const list = readCase(ledger.cases, "atHand", `${first}`);
    if (list !== undefined && !due(list, count)) break;
    writeCase(ledger.cases, "atHand", `${first}`, undefined);
    isNeeded ??= openNeeds(ledger, now);
    for (const one of list?.findings ?? [])
      if (isNeeded(one[0])) kept.push(one);
      else putAway(ledger, one);
    looked += list?.findings.length ?? 0;
    count -= list?.findings.length ?? 0;
  }
  if (isNeeded === undefined) return;
  writeCase(ledger.cases, "shelf", "", { ...shelf, first, count });
  // They are looked at again once those that came before them now have been.
  if (kept.length > 0) noteAtHand(ledger.cases, kept, now);
}

/** Takes in what earlier versions left, of which nothing was noted. */
function adoptEarlier(ledger: Ledger, now: bigint): void {
  if (shelfOf(ledger.cases).hasEarlier === true) return;
  const found = [...ledger.cases.base.keys()].map((cell) => atHandIn(ledger, cell)).filter((one) => one !== undefined);
  const byAge = found
    .map((one) => [caseOf(ledger, one[0])?.finding.timestamp ?? 0n, one] as const)
    .sort(([a, x], [b, y]) => (a === b ? (x.join() < y.join() ? -1 : 1) : a < b ? -1 : 1));
  noteAtHand(
    ledger.cases,
    byAge.map(([, one]) => one),
    now,
  );
  writeCase(ledger.cases, "shelf", "", { ...shelfOf(ledger.cases), hasEarlier: true });
}

function atHandIn({ cases }: Ledger, cell: string): AtHand | undefined {
  const [prefix, kind, name] = cell.split("/") as [string, string?, Hex?];
  if (prefix !== "c") return undefined;
  if (kind === "findingId") return [name!, readCase(cases, "findingId", name!)!];
  const id = kind === "finding" ? readCase(cases, "finding", name!)?.finding.id : undefined;
  // A prediction that went on under another key left its case under its own.
  return id === undefined || readCase(cases, "findingId", id) === name ? undefined : [id, name!];
}

function caseOf(ledger: Ledger, id: Hex): FindingCase | undefined {
  const key = readCase(ledger.cases, "findingId", id);
  return key === undefined ? undefined : readCase(ledger.cases, "finding", key);
}

/** Tells whether something rests on a finding. */
type Needs = (finding: Hex) => boolean;

function openNeeds(ledger: Ledger, now: bigint): Needs {
  const { pending, predicted = [], openIncidents, openActions, ended = [] } = standingOf(ledger);
  const composites = readCase(ledger.cases, "composites", "") ?? [];
  const members = readCase(ledger.cases, "members", "") ?? [];
  const keys = new Set([...pending, ...predicted, ...[...composites, ...members].map(({ dedupKey }) => dedupKey)]);
  const ids = new Set([
    ...openIncidents.flatMap((id) => readCase(ledger.cases, "incident", id)?.findings ?? []),
    ...composites.flatMap((composite) => composite.members),
    ...[...openActions, ...ended].flatMap((id) => causesOf(readCase(ledger.cases, "action", id))),
  ]);
  return (id) => {
    const item = caseOf(ledger, id);
    const mark = readCase(ledger.cases, "mark", id);
    if (item === undefined) return false;
    const { finding, work } = item;
    return (
      // It goes with the one that took its place, so that whoever speaks of it speaks of that.
      finding.id !== id ||
      ids.has(id) ||
      keys.has(finding.dedupKey) ||
      work === "acknowledged" ||
      (mark !== undefined && mark.verdict === undefined) ||
      finding.class === "vulnerability" ||
      (finding.class === "health" && work === "open" && now - finding.timestamp <= keptSeconds)
    );
  };
}

function causesOf(item: ActionCase | undefined): readonly Hex[] {
  return item === undefined ? [] : [item.action.anomaly, item.action.damage];
}

function putAway({ cases }: Ledger, [id, ownKey]: AtHand): void {
  const key = readCase(cases, "findingId", id);
  if (key !== undefined) writeCase(cases, "findingId", id, undefined);
  if (readCase(cases, "mark", id) !== undefined) writeCase(cases, "mark", id, undefined);
  // A graver one of its key takes the case along; a prediction that went on under another key leaves one under its own.
  for (const one of new Set([ownKey, key]))
    if (one !== undefined && readCase(cases, "finding", one)?.finding.id === id)
      writeCase(cases, "finding", one, undefined);
}

/** The case of the finding that a person speaks of; one that was put away is at hand again as the records have it. */
export function takeFromShelf(
  ledger: Ledger,
  { finding: id, shelved }: Extract<Input, { kind: "acknowledge" | "resolve" }>,
): FindingCase | undefined {
  const item = caseOf(ledger, id);
  const { head } = standingOf(ledger);
  if (item !== undefined || shelved?.finding.id !== id || head === null) return item;
  const { finding, ...status } = shelved;
  const ofKey = readCase(ledger.cases, "finding", finding.dedupKey);
  // Of its key another may have been taken before; a weaker one does not push that out.
  const isTaken =
    ofKey !== undefined && ofKey.work !== "resolved" && isAtLeast(ofKey.finding.severity, finding.severity);
  // Only what is final is put away.
  const taken: FindingCase = isTaken ? ofKey : { finding, ...status, count: 1, finality: "finalized" };
  writeCase(ledger.cases, "findingId", id, finding.dedupKey);
  writeCase(ledger.cases, "finding", finding.dedupKey, taken);
  noteAtHand(ledger.cases, [[id, finding.dedupKey]], head.timestamp);
  return taken;
}
