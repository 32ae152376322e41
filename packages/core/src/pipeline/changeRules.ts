import type { Hex } from "../model/Hex.ts";
import type { Input } from "../model/Input.ts";
import { hashOf } from "../model/Record.ts";
import { readCase, writeCase } from "./Case.ts";
import { type Ledger, remark, standingOf } from "./Ledger.ts";
import { raise } from "./raise.ts";
import { selfHealth } from "./selfHealth.ts";

type Rules = { readonly [id: string]: Hex };

/** What differs between two sets of detectors. */
export interface RuleChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly edited: readonly string[];
}

/**
 * Takes over which detectors judge. A change is written into the chain of evidence with who made it and the hash of each
 * detector before and after (DET-06), and told as a finding about ourselves (SELF-01): whoever switches a rule off before
 * an attack would otherwise not be seen. The first set of a store is written down and is no edit.
 */
export function changeRules(ledger: Ledger, { actor, detectors }: Extract<Input, { kind: "rules" }>): void {
  const before = readCase(ledger.cases, "rules", "");
  const changes = changesOf(before ?? {}, detectors);
  if (before !== undefined && Object.values(changes).every((list) => list.length === 0)) return;
  writeCase(ledger.cases, "rules", "", detectors);
  const [old, now] = [before === undefined ? "none" : hashOf(before), hashOf(detectors)];
  remark(ledger, "rules", actor, `${old} → ${now}; ${linesOf(changes, before ?? {}, detectors).join("; ")}`);
  const { head, evidenceSequence } = standingOf(ledger);
  if (before === undefined || head === null) return;
  const what = namesOf(changes);
  raise(ledger, {
    use: selfHealth,
    ref: head,
    phase: "live",
    draft: {
      severity: changes.removed.length > 0 ? "high" : "medium",
      reason: `Rules edited by ${actor}: ${what}.`,
      subject: "0x0000000000000000000000000000000000000000",
      // Two edits are two findings, be it back and forth.
      key: ["rules", String(evidenceSequence)],
      score: 1,
      evidence: { actor, old, new: now, ...changes },
    },
  });
}

/** Ids in the order of the alphabet. */
export function changesOf(before: Rules, after: Rules): RuleChanges {
  const has = (rules: Rules, id: string) => Object.hasOwn(rules, id);
  return {
    added: Object.keys(after)
      .filter((id) => !has(before, id))
      .sort(),
    removed: Object.keys(before)
      .filter((id) => !has(after, id))
      .sort(),
    edited: Object.keys(after)
      .filter((id) => has(before, id) && before[id] !== after[id])
      .sort(),
  };
}

/** `2 added (a, b), 1 edited (c)`. */
export function namesOf(changes: RuleChanges): string {
  const parts = (["added", "removed", "edited"] as const).flatMap((kind) =>
    changes[kind].length === 0 ? [] : [`${changes[kind].length} ${kind} (${changes[kind].join(", ")})`],
  );
  return parts.join(", ") || "no change";
}

function linesOf({ added, removed, edited }: RuleChanges, before: Rules, after: Rules): readonly string[] {
  return [
    ...added.map((id) => `added ${id} ${after[id]}`),
    ...removed.map((id) => `removed ${id} ${before[id]}`),
    ...edited.map((id) => `edited ${id} ${before[id]} → ${after[id]}`),
  ];
}
