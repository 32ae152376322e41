import type { Action, PausePlan, RulePlan } from "../model/Action.ts";
import type { BlockRef } from "../model/BlockBundle.ts";
import type { Finding } from "../model/Finding.ts";
import type { Hex } from "../model/Hex.ts";
import type { Prediction } from "../model/PendingTx.ts";
import type { Policy } from "../model/Policy.ts";
import { hashOf, identify } from "../model/Record.ts";

/** A plan that becomes an action. */
export type ActedPlan = PausePlan | RulePlan;

/** What an action is taken for. */
export interface ActionCause {
  readonly plan: ActedPlan;
  /** The record that it follows from: a decision, or a derivation. */
  readonly basis: Hex;
  readonly playbook: string;
  readonly incident: Hex;
  readonly anomaly: Hex;
  readonly damage: Hex;
}

/** The action that puts `cause.plan` in force from `head` on. The policy has to allow it. */
export function toAction(
  {
    chainId,
    head,
    findings,
  }: { readonly chainId: number; readonly head: BlockRef; readonly findings: readonly Finding[] },
  policy: Policy,
  { plan, basis, playbook, incident, anomaly, damage }: ActionCause,
): Action {
  const body = {
    kind: "Action" as const,
    from: [basis],
    chainId,
    council: policy.council,
    until: head.timestamp + BigInt(plan.durationSeconds),
    reason: hashOf(playbook),
    evidence: basis,
    deadline: head.timestamp + BigInt(policy.deadlineSeconds),
    ...{ incident, anomaly, damage, playbook },
    ...outbidsOf(findings),
  };
  if (plan.type === "pause") {
    const { type, target, selectors } = plan;
    return identify({ ...body, type, target, selectors, quorum: policy.quorum });
  }
  const { type, rule } = plan;
  const { target, selector } = rule;
  const { breaker, rules } = policy;
  return identify({ ...body, type, target, selectors: [selector], quorum: 0, rule, breaker, program: rules!.program });
}

/** The highest price of what is predicted; nothing where all has happened. */
function outbidsOf(findings: readonly Finding[]): Pick<Action, "outbids"> {
  const prices = findings.flatMap(({ prediction }) => prediction ?? []);
  if (prices.length === 0) return {};
  const most = (of: (price: Prediction) => bigint) => prices.map(of).reduce((a, b) => (a > b ? a : b));
  return { outbids: { tipWei: most((p) => p.tipWei), maxFeeWei: most((p) => p.maxFeeWei) } };
}
