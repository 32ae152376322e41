import type { Action } from "../model/Action.ts";
import type { PausePermission, Policy, RulePermission } from "../model/Policy.ts";

/** All that `policy` has to say of actions of this kind on this target: of rules, what holds for derived ones too. */
export function permissionsOf(
  policy: Policy | null,
  { type, target }: Pick<Action, "type" | "target">,
): readonly (PausePermission | RulePermission)[] {
  const { permissions = [], derived } = policy?.rules ?? {};
  const all = type === "pause" ? (policy?.permissions ?? []) : [...permissions, ...(derived?.permissions ?? [])];
  return all.filter((one) => one.target === target);
}
