// An incident is written at each growth with all that it names. Whoever goes on for an hour could have it name a million findings.
import { groupBy } from "../math/groupBy.ts";
import type { Finding } from "../model/Finding.ts";
import type { Address, Hex } from "../model/Hex.ts";
import { readCase } from "./Case.ts";
import type { Ledger } from "./Ledger.ts";

/** Findings of one kind that an incident names from earlier steps: as many of the first and as many of the last. */
const keptOfKind = 256;
/** Addresses that it names from earlier steps, likewise. */
const keptAddresses = 1_024;

interface Named {
  readonly findings: readonly Hex[];
  readonly addresses: readonly Address[];
}

/**
 * `incident` with the first and the last of what it names where that is much. All that may open the gate, or be the graver reason, is a
 * kind of its own, so that no number of others takes its place; the findings themselves stay what they are.
 */
export function trimIncident<I extends Named>(ledger: Ledger, incident: I): I {
  const { findings, addresses } = incident;
  if (findings.length <= 2 * keptOfKind && addresses.length <= 2 * keptAddresses) return incident;
  const kinds = groupBy(findings, (id) => kindOf(ledger, id));
  const kept = new Set([...kinds.values()].flatMap((list) => ends(list, keptOfKind)));
  return { ...incident, findings: findings.filter((id) => kept.has(id)), addresses: ends(addresses, keptAddresses) };
}

function kindOf(ledger: Ledger, id: Hex): string {
  const key = readCase(ledger.cases, "findingId", id);
  const finding = key === undefined ? undefined : readCase(ledger.cases, "finding", key)?.finding;
  return finding === undefined ? "" : JSON.stringify(weightOf(finding));
}

/** What `openGate` and playbooks ask of a finding. */
function weightOf({ detector, class: cls, severity, hard, deterministic, atActionLevel, budgetPpm }: Finding) {
  return [detector, cls, severity, hard, deterministic, atActionLevel, budgetPpm];
}

function ends<T>(list: readonly T[], count: number): readonly T[] {
  return list.length <= 2 * count ? list : [...list.slice(0, count), ...list.slice(-count)];
}
