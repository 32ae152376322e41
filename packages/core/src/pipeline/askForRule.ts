// Searches for a rule: at most one at a time for a contract, one for the same attack, and so many a day.
import type { DeriveRequest } from "../model/Derivation.ts";
import type { Hex } from "../model/Hex.ts";
import { readCase, writeCase } from "./Case.ts";
import type { Ledger } from "./Ledger.ts";

/** What was asked for, and when; Unix seconds. */
export interface Search {
  readonly request: DeriveRequest;
  readonly at: bigint;
}

const daySeconds = 24n * 3_600n;

/** When rules were derived within a day before `now`. Unix seconds. */
export function derivedToday(ledger: Ledger, now: bigint): readonly bigint[] {
  return within(ledger, "rules", now);
}

/** When searches were begun within a day before `now`. Unix seconds. */
export function searchedToday(ledger: Ledger, now: bigint): readonly bigint[] {
  return within(ledger, "searches", now);
}

/** Whether a rule is being looked for on the target of `request`, or was for the same attack. */
export function isAsked(ledger: Ledger, { id, target }: Pick<DeriveRequest, "id" | "target">): boolean {
  return [readCase(ledger.cases, "searching", target), readCase(ledger.cases, "search", id)].some(
    (known) => known !== undefined,
  );
}

/** Has a rule looked for. */
export function askForRule(ledger: Ledger, request: DeriveRequest, now: bigint): void {
  writeCase(ledger.cases, "search", request.id, { request, at: now, isOpen: true });
  writeCase(ledger.cases, "searching", request.target, request.id);
  writeCase(ledger.cases, "derivedAt", "searches", [...searchedToday(ledger, now), now]);
  ledger.commands.push({ kind: "derive", request });
}

/** The open search `id`, closed; undefined where none is open. */
export function closeSearch(ledger: Ledger, id: Hex): Search | undefined {
  const search = readCase(ledger.cases, "search", id);
  if (search?.isOpen !== true) return undefined;
  writeCase(ledger.cases, "search", id, { ...search, isOpen: false });
  writeCase(ledger.cases, "searching", search.request.target, undefined);
  return search;
}

/** Counts a derived rule. */
export function countDerived(ledger: Ledger, now: bigint): void {
  writeCase(ledger.cases, "derivedAt", "rules", [...derivedToday(ledger, now), now]);
}

function within(ledger: Ledger, what: "rules" | "searches", now: bigint): readonly bigint[] {
  return (readCase(ledger.cases, "derivedAt", what) ?? []).filter((at) => now - at < daySeconds);
}
