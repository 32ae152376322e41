import type { Action } from "../model/Action.ts";
import { ladderPpm } from "../model/Ladder.ts";
import type { Policy } from "../model/Policy.ts";
import { PolicyRefused } from "./PolicyRefused.ts";
import { permissionsIn } from "./permissionsIn.ts";
import { permissionsOf } from "./permissionsOf.ts";

/** The strictest budget that `policy` names for actions of this kind on this target, in millionths; undefined for none. */
export function budgetOf(policy: Policy, action: Pick<Action, "type" | "target">): number | undefined {
  const all = permissionsOf(policy, action).flatMap(({ budgetPpm }) => budgetPpm ?? []);
  return all.length === 0 ? undefined : Math.min(...all);
}

/** Why nothing may be done by itself on a target for the want of anomalies that are calibrated to `budgetPpm`. */
export function tellBudget(budgetPpm: number, { type, target }: Pick<Action, "type" | "target">): string {
  const what = type === "pause" ? "pauses" : "rules";
  return `no anomaly is calibrated to a budget of ${budgetPpm / 10_000} % or a stricter one, as ${what} of ${target} need it`;
}

/** Where a budget of a policy is no step of the ladder: a threshold is known for those alone. */
export function* budgetRefusals(policy: Omit<Policy, "id">): Generator<PolicyRefused> {
  for (const { path, permission } of permissionsIn(policy)) {
    const { budgetPpm } = permission;
    if (budgetPpm === undefined || ladderPpm.includes(budgetPpm)) continue;
    yield new PolicyRefused(
      [...path, "budgetPpm"],
      `\`budgetPpm\` of ${permission.target} is ${budgetPpm}.`,
      `Allowed: ${ladderPpm.join(", ")} (millionths), the steps that a calibration has.`,
      "Name one of them.",
    );
  }
}
