import { selectorOfVisit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector, selectorOf } from "../../model/KnownSignature.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

const setApprovalForAll = "0xa22cb465";
const grants: ReadonlySet<string> = new Set([
  "0x095ea7b3", // approve
  "0x39509351", // increaseAllowance
  setApprovalForAll,
]);

/**
 * Allowance (weight 1, 3 from three outsiders without bound): an outsider's code grants the actors an allowance without
 * bound, or a bounded one that nobody uses in this transaction.
 *
 * Code that was made to approve its caller will be emptied next. Keys on `approve` or `increaseAllowance`, or
 * `setApprovalForAll`, by a contract that is no actor, to an actor; without bound is from 2^128 on.
 * Source: published accounts of arbitrary calls, and of Hedgey (April 2024) for bounded ones. Evasion: using it at once.
 */
export function findAllowances(story: Story): Sign | undefined {
  const [unbounded, unused] = [new Set<Address>(), new Set<Address>()];
  let uses: ReadonlyMap<string, number> | undefined;
  for (const visit of story.acts) {
    const { frame, parent } = visit;
    if (parent === undefined || !grants.has(selectorOfVisit(visit))) continue;
    if (frame.input.length < 138 || story.actors.has(frame.from)) continue;
    const spender: Address = `0x${frame.input.slice(34, 74)}`;
    if (!story.actors.has(spender) || spender === frame.from) continue;
    const isForAll = selectorOfVisit(visit) === setApprovalForAll;
    const amount = frame.input.slice(74, 138);
    if (!/[^0]/.test(amount)) continue;
    if (isForAll || !/^0{32}/.test(amount)) unbounded.add(frame.from);
    else {
      uses ??= usesIn(story);
      if ((uses.get(useOf(visit.context, frame.from, spender)) ?? -1) < visit.order) unused.add(frame.from);
    }
  }
  const victims = [...new Set([...unbounded, ...unused])];
  if (victims.length === 0) return undefined;
  return { name: "allowance", weight: unbounded.size >= 3 ? 3 : 1, victims, count: victims.length };
}

/** When a spender last asked a token for something of a holder, by token, holder and spender. */
function usesIn({ acts }: Story): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const { order, context, frame } of acts)
    if (selectorOf(frame.input) === selector.transferFrom)
      uses.set(useOf(context, `0x${frame.input.slice(34, 74)}`, frame.from), order);
  return uses;
}

function useOf(token: Address, holder: Address, spender: Address): string {
  return token + holder + spender;
}
