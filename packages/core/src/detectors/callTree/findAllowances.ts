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
 * Allowance (weight 1, 3 from three outsiders without bound): an outsider's code grants the actors an allowance without
 * bound, or a bounded one that nobody uses in this transaction.
 *
 * Code that was made to approve its caller will be emptied next. Keys on `approve` or `increaseAllowance`, or
 * `setApprovalForAll`, by a contract that is no actor, to an actor; without bound is from 2^128 on.
 * Source: published accounts of arbitrary calls, and of Hedgey (April 2024) for bounded ones. Evasion: using it at once.
 */
export function findAllowances(story: Story): Sign | undefined {
  const unbounded = new Set<Address>();
  const open = new Map<string, { readonly holder: Address; readonly order: number }>();
  for (const visit of story.acts) {
    const { frame, parent, context, order } = visit;
    const name = visit.selector;
    // What a token's code does for a proxy is the same grant once more.
    if (parent === undefined || frame.type !== "CALL" || !grants.has(name)) continue;
    if (frame.input.length < 138 || story.actors.has(frame.from)) continue;
    const spender: Address = `0x${frame.input.slice(34, 74)}`;
    if (!story.actors.has(spender) || spender === frame.from) continue;
    const amount = frame.input.slice(74, 138);
    const use = useOf(context, frame.from, spender);
    if (!/[^0]/.test(amount)) open.delete(use);
    else if (name === setApprovalForAll || !/^0{32}/.test(amount)) unbounded.add(frame.from);
    else open.set(use, { holder: frame.from, order });
  }
  const uses = open.size === 0 ? undefined : usesIn(story);
  const unused = [...open].flatMap(([use, { holder, order }]) => ((uses?.get(use) ?? -1) < order ? [holder] : []));
  const victims = [...new Set([...unbounded, ...unused])];
  if (victims.length === 0) return undefined;
  return { name: "allowance", weight: unbounded.size >= 3 ? 3 : 1, victims, count: victims.length };
}

// A spender names the holder among the first arguments: `transferFrom`, `safeTransferFrom`, `redeem`, `burnFrom`.
const mostArguments = 4;

/** When a spender last named a holder to a token, by token, holder and spender. */
function usesIn({ acts, actors }: Story): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const { order, context, frame, selector: name } of acts) {
    if (!actors.has(frame.from) || grants.has(name)) continue;
    for (let i = 0; i < mostArguments; i += 1) {
      const word = frame.input.slice(10 + 64 * i, 74 + 64 * i);
      if (word.startsWith("0".repeat(24))) uses.set(useOf(context, `0x${word.slice(24)}`, frame.from), order);
    }
  }
  return uses;
}

function useOf(token: Address, holder: Address, spender: Address): string {
  return token + holder + spender;
}
