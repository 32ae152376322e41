import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { callbackByDesign } from "../../signs/DrainSign.ts";
import { isHandOver } from "../../signs/PoolCallback.ts";
import { everyday } from "./findRepetition.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Re-entry (weight 2): an outsider is called, may write, while another call into it is open, and the actors' code stands
 * in between.
 *
 * Calls that hand over control by design (flash loans, `unlock`, ERC-4337) are passed over, as are the pools' and lenders'
 * own callbacks on the way: what is done below those is business, whatever it costs somebody. So is a token that sells its
 * fees through a router in the midst of a transfer.
 * Source: The DAO, SpankChain, Revest. Evasion: an old contract of the attacker's in between; reading instead of writing.
 */
export function findReentry(story: Story): Sign | undefined {
  const victims = new Map<Address, number>();
  for (const visit of story.direct) {
    if (story.wrapped.has(visit.context)) continue;
    const outer = openCallOf(visit, story.actors);
    if (outer !== undefined) victims.set(visit.context, (victims.get(visit.context) ?? 0) + 1);
  }
  if (victims.size === 0) return undefined;
  const count = [...victims.values()].reduce((a, b) => a + b, 0);
  return { name: "re-entry", weight: 2, victims: [...victims.keys()], count };
}

/** The call into the same contract that is still open, if the way from it leads through actors and not by design. */
function openCallOf(inner: Visit, actors: ReadonlySet<Address>): Visit | undefined {
  let isByDesign = false;
  for (let at = inner.parent; at !== undefined; at = at.parent) {
    if (at.context === inner.context) {
      const outer = at.selector;
      const isOwnSale = everyday.has(outer) && everyday.has(inner.selector);
      return isByDesign || isOwnSale || callbackByDesign.has(outer) || isOwnLoan(at) ? undefined : at;
    }
    const name = at.selector;
    if (actors.has(at.context) && isHandOver(name)) isByDesign = true;
  }
  return undefined;
}

/** In the callback of a loan that it asked for itself a contract goes on with what its caller wanted. */
function isOwnLoan({ parent, context, selector: name }: Visit): boolean {
  return isHandOver(name) && parent?.parent?.context === context;
}
