import type { ActionPlan } from "../model/Action.ts";
import { isAtLeast, type Severity } from "../model/Finding.ts";
import type { GuardRule } from "../model/GuardRule.ts";
import type { Playbook } from "../model/Playbook.ts";
import type { PauseTarget } from "./pausePlaybook.ts";

/** A guard rule, and for how long. */
export interface TimedRule extends GuardRule {
  readonly durationSeconds: number;
}

/**
 * A playbook that puts `rules` in force by itself when an incident reaches `severity` (default critical), within the
 * policy's `rules`; `pauses` are proposed to the guardians beside them.
 *
 * @example
 * rulePlaybook({
 *   id: "small-withdrawals",
 *   rules: [{ target: vault, selector: withdraw, kind: "ARG_MAX", argIndex: 0, bound: 1_000n, durationSeconds: 6 * 3600 }],
 * })
 */
export function rulePlaybook(options: {
  id: string;
  rules: readonly TimedRule[];
  pauses?: readonly PauseTarget[];
  severity?: Severity;
}): Playbook {
  const plans: readonly ActionPlan[] = [
    ...options.rules.map(({ durationSeconds, ...rule }) => ({ type: "guardRule" as const, rule, durationSeconds })),
    ...(options.pauses ?? []).map((target) => ({ type: "pause" as const, ...target })),
  ];
  return {
    id: options.id,
    version: "1.0.0",
    matches: (incident) => isAtLeast(incident.severity, options.severity ?? "critical"),
    plan: () => plans,
  };
}
