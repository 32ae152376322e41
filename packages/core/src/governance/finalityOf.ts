import type { Action } from "../model/Action.ts";
import type { ActionFinality, Policy } from "../model/Policy.ts";
import { permissionsIn } from "./permissionsIn.ts";
import { permissionsOf } from "./permissionsOf.ts";

/** What `policy` has `action` wait for before it is sent (FIND-05); undefined where it is sent at once. */
export function finalityOf(policy: Policy | null, action: Action): ActionFinality | undefined {
  return permissionsOf(policy, action).find(({ finality }) => finality !== undefined)?.finality;
}

/** Whether `policy` has an action wait until the chain calls a block final. */
export function waitsForFinal(policy: Policy | null): boolean {
  return policy !== null && permissionsIn(policy).some(({ permission }) => permission.finality === "finalized");
}

/** `finality` in a sentence about a block. */
export function tellFinality(finality: ActionFinality): string {
  return finality === "finalized" ? "finalized" : `${finality} blocks deep`;
}
