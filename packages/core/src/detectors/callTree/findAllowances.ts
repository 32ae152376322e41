import { selectorOfVisit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

const setApprovalForAll = "0xa22cb465";
const grants: ReadonlySet<string> = new Set([
  "0x095ea7b3", // approve
  "0x39509351", // increaseAllowance
  setApprovalForAll,
]);

/**
 * Allowance (weight 1, 3 from three outsiders): an outsider's code grants the actors an allowance without bound.
 *
 * Code that was made to approve its caller will be emptied next. Keys on `approve` or `increaseAllowance` of at least 2^128,
 * or `setApprovalForAll`, by a contract that is no actor, to an actor. Evasion: a bounded allowance.
 */
export function findAllowances(story: Story): Sign | undefined {
  const victims = new Set<Address>();
  for (const visit of story.acts) {
    const { frame, parent } = visit;
    if (parent === undefined || !grants.has(selectorOfVisit(visit))) continue;
    if (frame.input.length < 138 || story.actors.has(frame.from)) continue;
    const spender: Address = `0x${frame.input.slice(34, 74)}`;
    const isAll = selectorOfVisit(visit) === setApprovalForAll && /[^0]/.test(frame.input.slice(74, 138));
    const isUnbounded = isAll || !/^0{32}/.test(frame.input.slice(74, 138));
    if (isUnbounded && story.actors.has(spender) && spender !== frame.from) victims.add(frame.from);
  }
  if (victims.size === 0) return undefined;
  return { name: "allowance", weight: victims.size >= 3 ? 3 : 1, victims: [...victims], count: victims.size };
}
