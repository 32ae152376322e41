import type { ActionPlan } from "../model/Action.ts";
import { isAtLeast, type Severity } from "../model/Finding.ts";
import type { GuardRule } from "../model/GuardRule.ts";
import type { Address } from "../model/Hex.ts";
import type { Playbook } from "../model/Playbook.ts";
import { type PauseTarget, planOf } from "./pausePlaybook.ts";
import { playbookVersion } from "./playbookVersion.ts";

/** A guard rule, and for how long. */
export interface TimedRule extends GuardRule {
  readonly durationSeconds: number;
}

/** A contract that a rule may be derived for, and how long that rule lasts. */
export interface DeriveTarget {
  readonly target: Address;
  readonly durationSeconds: number;
}

/**
 * A playbook that puts `rules` in force by itself when an incident reaches `severity` (default critical), within the
 * policy's `rules`; `pauses` are proposed to the guardians beside them. For each of `derive` a rule is looked for in the
 * attack itself, within the policy's `rules.derived`; nothing waits for that.
 *
 * @example
 * rulePlaybook({
 *   id: "small-withdrawals",
 *   rules: [{ target: vault, selector: withdraw, kind: "ARG_MAX", argIndex: 0, bound: 1_000n, durationSeconds: 6 * 3600 }],
 * })
 */
export function rulePlaybook(options: {
  id: string;
  rules?: readonly TimedRule[];
  derive?: readonly DeriveTarget[];
  pauses?: readonly PauseTarget[];
  severity?: Severity;
}): Playbook {
  const { severity = "critical" } = options;
  const plans: readonly ActionPlan[] = [
    ...(options.rules ?? []).map(({ durationSeconds, ...rule }) => ({
      type: "guardRule" as const,
      rule,
      durationSeconds,
    })),
    ...(options.derive ?? []).map((target) => ({ type: "deriveRule" as const, ...target })),
    ...(options.pauses ?? []).map(planOf),
  ];
  return {
    id: options.id,
    version: playbookVersion({ severity, plans }),
    matches: (incident) => isAtLeast(incident.severity, severity),
    plan: () => plans,
  };
}
