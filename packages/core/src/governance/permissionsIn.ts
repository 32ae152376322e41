import type { PausePermission, Policy, RulePermission } from "../model/Policy.ts";
import type { PolicyRefused } from "./PolicyRefused.ts";

/** A permission, and where in its policy it stands. */
export interface PlacedPermission {
  readonly path: PolicyRefused["path"];
  readonly permission: PausePermission | RulePermission;
}

/** All permissions of a policy: for pauses, rules and derived rules. */
export function permissionsIn({ permissions, rules }: Omit<Policy, "id">): readonly PlacedPermission[] {
  const placed = (path: PolicyRefused["path"], all: readonly PlacedPermission["permission"][] = []) =>
    all.map((permission, i) => ({ path: [...path, i], permission }));
  return [
    ...placed(["permissions"], permissions),
    ...placed(["rules", "permissions"], rules?.permissions),
    ...placed(["rules", "derived", "permissions"], rules?.derived?.permissions),
  ];
}
