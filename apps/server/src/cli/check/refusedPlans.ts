import { refusalOf } from "@testudo/core/governance/policyCheck";
import type { Incident } from "@testudo/core/model/Incident";
import type { Playbook } from "@testudo/core/model/Playbook";
import type { Policy } from "@testudo/core/model/Policy";

/** Why pauses that `playbook` plans would be refused; of one that plans by what happened nothing is known yet. `now` in Unix seconds. */
export function refusedPlans(playbook: Playbook, policy: Policy, now: bigint): readonly string[] {
  try {
    const plans = playbook.plan({} as Incident, []);
    // The end of the policy is told by itself.
    const during = now < policy.expiresAt ? now : policy.expiresAt - 1n;
    return plans.flatMap((plan) => (plan.type === "pause" ? (refusalOf(policy, plan, during) ?? []) : []));
  } catch {
    return [];
  }
}
