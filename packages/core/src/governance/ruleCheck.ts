import type { RulePlan } from "../model/Action.ts";
import type { Hex } from "../model/Hex.ts";
import type { Policy, RuleBounds, RulePermission } from "../model/Policy.ts";
import type { OpenGate } from "./gate.ts";
import { PolicyRefused } from "./PolicyRefused.ts";

/** What the breaker grants a program: of 84 h of a selector's budget it has to leave 48 h. */
export const maxRuleSeconds = 36 * 3_600;
const atOnceMax = 16;

/** Where the rules of a policy would allow what no policy may allow. */
export function* ruleRefusals({ rules, permissions }: Omit<Policy, "id">): Generator<PolicyRefused> {
  if (rules === undefined) return;
  const { atOnce } = rules;
  if (!Number.isInteger(atOnce) || atOnce < 1 || atOnce > atOnceMax)
    yield new PolicyRefused(
      ["rules", "atOnce"],
      `${atOnce} rules may run at once.`,
      `Allowed: 1 to ${atOnceMax}.`,
      "Set `rules.atOnce`.",
    );
  for (const [i, one] of rules.permissions.entries()) {
    const path = ["rules", "permissions", i];
    const pause = permissions.find(({ target }) => target === one.target);
    yield* rulePermissionRefusals(one, pause?.exempt ?? [], path);
    if (rules.permissions.findIndex(({ target }) => target === one.target) !== i)
      yield new PolicyRefused(
        path,
        `Target ${one.target} has two permissions for rules.`,
        "One permission says all that may be ruled of a contract.",
        "Put their selectors and kinds together.",
      );
  }
}

/** Where the permission at `path` would rule a way out of risk, or for longer than the breaker grants. */
export function* rulePermissionRefusals(
  { target, selectors, maxDurationSeconds: most }: RulePermission,
  exempt: readonly Hex[],
  path: PolicyRefused["path"],
): Generator<PolicyRefused> {
  for (const both of selectors.filter((selector) => exempt.includes(selector)))
    yield new PolicyRefused(
      [...path, "selectors"],
      `Selector ${both} of ${target} reduces risk and may be ruled.`,
      "Users must be able to close, repay and add margin under every rule.",
      `Take ${both} out of \`rules\`.`,
    );
  if (!Number.isInteger(most) || most <= 0 || most > maxRuleSeconds)
    yield new PolicyRefused(
      [...path, "maxDurationSeconds"],
      `A rule on ${target} may last ${most} s.`,
      `Allowed: 1 to ${maxRuleSeconds} s (36 h), as the breaker allows a program.`,
      "Set `maxDurationSeconds` within that.",
    );
}

/** What a rule is held against. */
export interface RuleSituation {
  readonly gate: OpenGate;
  /** Rules that run or are on their way. */
  readonly standing: number;
  /** Unix seconds. */
  readonly now: bigint;
}

/** Why `plan` is not allowed under `policy` without a person; undefined if it is. */
export function refusalOfRule(
  policy: Policy,
  plan: RulePlan,
  { gate, standing, now }: RuleSituation,
): string | undefined {
  const { rules, expiresAt } = policy;
  if (now >= expiresAt) return `policy expired at ${expiresAt}`;
  if (rules === undefined) return "the policy has no bounds for rules";
  // An invariant counts as both for a pause, which people sign. Nobody signs this.
  if (gate.anomaly.id === gate.damage.id)
    return "a rule without a person needs an anomaly and a damage, not one for both";
  return refusalWithin(rules.permissions, plan) ?? refusalOfNumber(rules, standing);
}

/** Why `permissions` have nothing that allows `plan`; undefined if they do. */
export function refusalWithin(
  permissions: readonly RulePermission[],
  { rule: { target, selector, kind }, durationSeconds }: RulePlan,
): string | undefined {
  const permission = permissions.find((one) => one.target === target);
  if (permission === undefined) return `target ${target} may not be ruled`;
  if (!permission.selectors.includes(selector)) return `selector ${selector} of ${target} may not be ruled`;
  if (!permission.kinds.includes(kind)) return `a rule ${kind} of ${target} is not in the policy`;
  if (durationSeconds <= 0 || durationSeconds > permission.maxDurationSeconds)
    return `duration ${durationSeconds} s is outside 1..${permission.maxDurationSeconds} s`;
  return undefined;
}

/** Why no further rule may stand beside `standing` ones; undefined if one may. */
export function refusalOfNumber({ atOnce }: RuleBounds, standing: number): string | undefined {
  return standing >= atOnce ? `${standing} rules stand, ${atOnce} may at once` : undefined;
}
