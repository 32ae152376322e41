// Which rules are looked for in an attack, and in which transactions.
import type { DerivePlan } from "../model/Action.ts";
import type { BlockRef } from "../model/BlockBundle.ts";
import type { DeriveRequest } from "../model/Derivation.ts";
import { type Finding, isAtLeast } from "../model/Finding.ts";
import type { Incident } from "../model/Incident.ts";
import type { Policy } from "../model/Policy.ts";
import { hashOf } from "../model/Record.ts";
import { budgetOf, tellBudget } from "./budgetOf.ts";
import { refusalOfDeriving } from "./deriveCheck.ts";
import { type OpenGate, openGate } from "./gate.ts";

/** What a search rests on. */
export interface SearchInput {
  readonly incident: Incident;
  /** The incident's findings that still stand. */
  readonly findings: readonly Finding[];
  readonly head: BlockRef;
  /** Guard rules that run or are on their way. */
  readonly standingRules: number;
  /** Derived rules proposed within 24 hours. */
  readonly derivedToday: number;
  /** Searches begun within 24 hours. */
  readonly searchesToday: number;
  /** Whether a rule is being looked for on a target, or was for the same attack. */
  readonly isAsked: (request: Pick<DeriveRequest, "id" | "target">) => boolean;
}

// Each takes a core for a while: an attacker who attacks at every block must not keep it.
const searchesADay = 48;

type Search = Omit<DeriveRequest, "decision" | "playbook">;

/** The searches that the policy allows and nobody has begun, and why not the rest. */
export function planSearches(input: SearchInput, policy: Policy, opened: OpenGate, plans: readonly DerivePlan[]) {
  const refused: string[] = [];
  const limited: string[] = [];
  const { head, standingRules: standing, derivedToday: today } = input;
  const asked = plans.flatMap((plan): Search[] => {
    const subject = { type: "guardRule", target: plan.target } as const;
    const budgetPpm = budgetOf(policy, subject);
    const own = budgetPpm === undefined ? opened : openGate(input.findings, policy.minSeverity, budgetPpm);
    const gate = own ?? opened;
    const causes = { anomaly: gate.anomaly.id, damage: gate.damage.id };
    const refusal = refusalOfDeriving(policy, plan, { ...causes, standing, today, now: head.timestamp });
    const search = toSearch(input, policy, gate, plan);
    const why = refusal ?? (search.attack.length === 0 ? "no finding names a transaction to derive a rule from" : "");
    // What is asked already is said once, by the record of the search.
    if (why === "" && input.isAsked(search)) return [];
    if (why === "" && own === undefined) {
      limited.push(tellBudget(budgetPpm!, subject));
      return [];
    }
    const spent = `${input.searchesToday} searches for a rule were begun within a day`;
    if (why === "" && input.searchesToday < searchesADay) return [search];
    refused.push(why === "" ? spent : why);
    return [];
  });
  return { asked, refused, limited };
}

// More of the same attack tells nothing new, and each is recorded from the node.
const attackMost = 4;

// Only what the gate's own detectors accuse: somebody honest whom another one suspects must not be taken for the attack.
function toSearch({ incident, findings }: SearchInput, policy: Policy, gate: OpenGate, plan: DerivePlan): Search {
  const detectors = [gate.anomaly.detector, gate.damage.detector];
  const causes = findings.filter(
    ({ detector, severity, prediction }) =>
      detectors.includes(detector) && isAtLeast(severity, policy.minSeverity) && prediction === undefined,
  );
  const attack = [...new Set(causes.flatMap(({ txHash }) => txHash ?? []))].slice(-attackMost);
  const { target, durationSeconds } = plan;
  return {
    id: hashOf({ incident: incident.incident, target, attack }),
    incident: incident.incident,
    target,
    durationSeconds,
    anomaly: gate.anomaly.id,
    damage: gate.damage.id,
    attack,
    blocks: [...new Set(causes.map(({ blockHash }) => blockHash))],
  };
}
