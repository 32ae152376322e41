import type { Action } from "../model/Action.ts";
import type { ActionFinality, Policy } from "../model/Policy.ts";

/** What `policy` has `action` wait for before it is sent (FIND-05); undefined where it is sent at once. */
export function finalityOf(policy: Policy | null, { type, target }: Action): ActionFinality | undefined {
  if (type === "pause") return policy?.permissions.find((one) => one.target === target)?.finality;
  const { permissions = [], derived } = policy?.rules ?? {};
  const all = [...permissions, ...(derived?.permissions ?? [])];
  return all.find((one) => one.target === target && one.finality !== undefined)?.finality;
}

/** Whether `policy` has an action wait until the chain calls a block final. */
export function waitsForFinal(policy: Policy | null): boolean {
  const { permissions = [], derived } = policy?.rules ?? {};
  const all = [...(policy?.permissions ?? []), ...permissions, ...(derived?.permissions ?? [])];
  return all.some(({ finality }) => finality === "finalized");
}

/** `finality` in a sentence about a block. */
export function tellFinality(finality: ActionFinality): string {
  return finality === "finalized" ? "finalized" : `${finality} blocks deep`;
}
