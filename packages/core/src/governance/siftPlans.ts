// Which plans of a playbook become actions.
import type { BlockRef } from "../model/BlockBundle.ts";
import type { Finding } from "../model/Finding.ts";
import type { Address, Hex } from "../model/Hex.ts";
import type { Policy } from "../model/Policy.ts";
import { budgetOf, tellBudget } from "./budgetOf.ts";
import { type OpenGate, openGate } from "./gate.ts";
import { coolOffKey, refusalOf, refusalOfRate } from "./policyCheck.ts";
import { refusalOfRule } from "./ruleCheck.ts";
import type { ActedPlan } from "./toAction.ts";

/** What has been done already. */
export interface SiftInput {
  /** The incident's findings that still stand. */
  readonly findings: readonly Finding[];
  readonly head: BlockRef;
  /** Unix seconds until which software may not pause a selector again, by `coolOffKey`. */
  readonly coolOffUntil: (key: string) => bigint | undefined;
  /** Whether what was begun under a key is over, so that the function is open. Default: it is not. */
  readonly isOver?: (key: string) => boolean;
  /** Actions begun within what the policy's rate limit looks back, that have not ended unsent. */
  readonly begunOfLate: number;
  /** Guard rules that run or are on their way. */
  readonly standingRules: number;
}

/** A plan, and the findings that its own permission acts on. */
export interface AllowedPlan extends OpenGate {
  readonly plan: ActedPlan;
}

/** What is left of the plans, and why not the rest. */
export interface Sifted {
  readonly allowed: readonly AllowedPlan[];
  readonly refused: readonly string[];
  /** What a limit of the policy leaves to people. */
  readonly limited: readonly string[];
}

/** What the policy allows of `plans`, less the selectors that cool off or that an earlier plan names, and why not the rest. */
export function siftPlans(input: SiftInput, policy: Policy, gate: OpenGate, plans: readonly ActedPlan[]): Sifted {
  const { head, coolOffUntil, isOver = () => false } = input;
  const refused: string[] = [];
  const limited: string[] = [];
  const planned = new Set<string>();
  let standing = input.standingRules;
  let begun = input.begunOfLate;
  const allowed = plans.flatMap((plan) => {
    const now = head.timestamp;
    const { target, selectors: named } = subjectOf(plan);
    const subject = { type: plan.type, target };
    const budgetPpm = budgetOf(policy, subject);
    const own = budgetPpm === undefined ? gate : openGate(input.findings, policy.minSeverity, budgetPpm);
    const refusal =
      plan.type === "pause"
        ? refusalOf(policy, plan, now)
        : refusalOfRule(policy, plan, { gate: own ?? gate, standing, now });
    if (refusal !== undefined) {
      refused.push(refusal);
      return [];
    }
    const keyOf = (selector: Hex) => coolOffKey(plan.type, target, selector);
    const fresh = named.filter((selector) => !planned.has(keyOf(selector)));
    const selectors = fresh.filter((selector) => (coolOffUntil(keyOf(selector)) ?? 0n) <= now);
    const cooling = fresh.filter((selector) => !selectors.includes(selector));
    const open = cooling.filter((selector) => isOver(keyOf(selector)));
    // What is closed, or about to be, is no news to anybody.
    if (cooling.length > open.length) {
      const shut = cooling.filter((selector) => !open.includes(selector));
      refused.push(`${shut.join(", ")} of ${target} was acted on and cools off`);
    }
    if (open.length > 0) limited.push(`${open.join(", ")} of ${target} was acted on, is open again and cools off`);
    for (const selector of selectors) planned.add(keyOf(selector));
    if (selectors.length === 0) return [];
    if (own === undefined) {
      limited.push(tellBudget(budgetPpm!, subject));
      return [];
    }
    const tooMany = refusalOfRate(policy, begun);
    if (tooMany !== undefined) {
      limited.push(`${tooMany} at ${target}`);
      return [];
    }
    begun += 1;
    if (plan.type === "guardRule") standing += 1;
    return [{ ...own, plan: plan.type === "pause" ? { ...plan, selectors } : plan }];
  });
  return { allowed, refused, limited };
}

function subjectOf(plan: ActedPlan): { readonly target: Address; readonly selectors: readonly Hex[] } {
  return plan.type === "pause" ? plan : { target: plan.rule.target, selectors: [plan.rule.selector] };
}
