// What a rule that nobody has written down beforehand is held against. The attacker has a hand in it: he chooses the attack,
// and may have been a guest among the honest. So each bound here holds whatever he did.
import type { DerivePlan } from "../model/Action.ts";
import type { GuardRule } from "../model/GuardRule.ts";
import type { Hex } from "../model/Hex.ts";
import type { BoundableArgument, DeriveBounds, DerivePermission, Policy } from "../model/Policy.ts";
import { PolicyRefused } from "./PolicyRefused.ts";
import { type RuleSituation, refusalOfNumber, refusalWithin, rulePermissionRefusals } from "./ruleCheck.ts";

const aDayMax = 24;
const lookBackMax = 50_000;
/** Longest search, in milliseconds. */
export const deriveBudgetMaxMs = 120_000;
const clockMask = (1n << 160n) - 1n;

/** Where a derived rule could do what no policy may allow. */
export function* deriveRefusals({ rules, permissions }: Omit<Policy, "id">): Generator<PolicyRefused> {
  const derived = rules?.derived;
  if (derived === undefined) return;
  yield* numberRefusals("aDay", derived.aDay, aDayMax);
  yield* numberRefusals("leastHonest", derived.leastHonest, 1_000);
  yield* numberRefusals("lookBackBlocks", derived.lookBackBlocks, lookBackMax);
  yield* numberRefusals("budgetMs", derived.budgetMs, deriveBudgetMaxMs);
  for (const [i, one] of derived.permissions.entries()) {
    const path = ["rules", "derived", "permissions", i];
    const pause = permissions.find(({ target }) => target === one.target);
    // What nobody has said to be a way out cannot be kept open.
    if (pause === undefined)
      yield new PolicyRefused(
        [...path, "target"],
        `Rules of ${one.target} may be derived, and no permission of the policy names its ways out of risk.`,
        "Allowed: a target that `permissions` name, with what is `exempt` of it.",
        "Add it to `permissions`.",
      );
    yield* rulePermissionRefusals(one, pause?.exempt ?? [], path);
    if (derived.permissions.findIndex(({ target }) => target === one.target) !== i)
      yield new PolicyRefused(
        path,
        `Target ${one.target} has two permissions for derived rules.`,
        "One permission says all that may be derived for a contract.",
        "Put their selectors, kinds and amounts together.",
      );
  }
}

function* numberRefusals(name: keyof DeriveBounds, value: number, most: number): Generator<PolicyRefused> {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  yield new PolicyRefused(
    ["rules", "derived", name],
    `\`rules.derived.${name}\` is ${value}.`,
    `Allowed: 1 to ${most}.`,
    "Correct it.",
  );
}

/** What a search, or its rule, is held against. */
export interface DeriveSituation extends Omit<RuleSituation, "gate"> {
  /** The findings that opened the gate. */
  readonly anomaly: Hex;
  readonly damage: Hex;
  /** Derived rules proposed within 24 hours. */
  readonly today: number;
}

/** Why no rule may be looked for, or sent, at all; undefined if one may. */
export function refusalOfDeriving(
  { rules, expiresAt }: Policy,
  { target, durationSeconds }: DerivePlan,
  { anomaly, damage, standing, now, today }: DeriveSituation,
): string | undefined {
  if (now >= expiresAt) return `policy expired at ${expiresAt}`;
  const derived = rules?.derived;
  if (rules === undefined || derived === undefined) return "the policy has no bounds for derived rules";
  if (anomaly === damage) return "a rule without a person needs an anomaly and a damage, not one for both";
  const permission = derived.permissions.find((one) => one.target === target);
  if (permission === undefined) return `no rule of ${target} may be derived`;
  if (durationSeconds <= 0 || durationSeconds > permission.maxDurationSeconds)
    return `duration ${durationSeconds} s is outside 1..${permission.maxDurationSeconds} s`;
  if (today >= derived.aDay) return `${today} derived rules were proposed within a day, ${derived.aDay} may be`;
  return refusalOfNumber(rules, standing);
}

/** Why `rule`, for `durationSeconds`, may not be derived under `derived`; undefined if it may. */
export function refusalOfDerived(
  { permissions }: DeriveBounds,
  rule: GuardRule,
  durationSeconds: number,
): string | undefined {
  const refusal = refusalWithin(permissions, { type: "guardRule", rule, durationSeconds });
  if (refusal !== undefined) return refusal;
  const { oracles, amounts } = permissions.find(({ target }) => target === rule.target)!;
  return refusalOfClock(oracles, rule) ?? refusalOfBound(amounts, rule);
}

/** `rule` with its bound moved as far as honest people are promised in writing; the same where it needs no moving. */
export function atLeastPromised({ permissions }: DeriveBounds, rule: GuardRule): GuardRule {
  const { amounts = [] } = permissions.find(({ target }) => target === rule.target) ?? {};
  const { lowestMax, highestMin } = amountOf(amounts, rule) ?? {};
  if (rule.kind === "ARG_MAX" && lowestMax !== undefined && rule.bound < lowestMax)
    return { ...rule, bound: lowestMax };
  if (rule.kind === "ARG_MIN" && highestMin !== undefined && rule.bound > highestMin)
    return { ...rule, bound: highestMin };
  return rule;
}

function amountOf(amounts: readonly BoundableArgument[], { selector, argIndex }: GuardRule) {
  return amounts.find((one) => one.selector === selector && one.argIndex === argIndex);
}

function refusalOfClock(oracles: DerivePermission["oracles"], { kind, bound }: GuardRule): string | undefined {
  if (kind !== "ORACLE_DELAY") return undefined;
  const clock = `0x${(bound & clockMask).toString(16).padStart(40, "0")}`;
  return oracles.some((one) => one === clock) ? undefined : `${clock} is no oracle of the policy`;
}

function refusalOfBound(amounts: readonly BoundableArgument[], rule: GuardRule): string | undefined {
  const { kind, argIndex, selector, bound } = rule;
  if (kind !== "ARG_MAX" && kind !== "ARG_MIN") return undefined;
  const { lowestMax, highestMin } = amountOf(amounts, rule) ?? {};
  const limit = kind === "ARG_MAX" ? lowestMax : highestMin;
  if (limit === undefined) return `word ${argIndex} of ${selector} has no ${kind} in the policy's amounts`;
  const isBeyond = kind === "ARG_MAX" ? bound < limit : bound > limit;
  return isBeyond ? `${kind} ${bound} of word ${argIndex} is beyond the policy's ${limit}` : undefined;
}
