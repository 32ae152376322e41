import { selectorOfVisit, type Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector, selectorOf } from "../../model/KnownSignature.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

const payments: ReadonlySet<string> = new Set([selector.transfer, selector.transferFrom]);

/**
 * Disguise (weight 3): a contract runs another's code as its own under the name of a token payment. Whoever signed it read
 * `transfer`; what ran may write the contract's storage as it likes.
 *
 * Where a payment of that name was asked for above, it is passed on to a token's code, and a contract that calls its own
 * functions in a row runs its own code; here nobody asked for one, and the code is foreign.
 * Source: published accounts of Bybit (February 2025); no tree of it was at hand. Evasion: another harmless name.
 */
export function findDisguise({ acts, made }: Story): Sign | undefined {
  const isOne = (v: Visit) =>
    v.frame.type === "DELEGATECALL" && payments.has(selectorOfVisit(v)) && !made.has(v.context) && !isExplained(v);
  const victims = new Set<Address>(acts.filter(isOne).map(({ context }) => context));
  if (victims.size === 0) return undefined;
  return { name: "disguise", weight: 3, victims: [...victims], count: victims.size };
}

/** Whether a call above has the same name, or runs the same code for the same contract. */
function isExplained({ frame, context, parent }: Visit): boolean {
  if (frame.to === context) return true;
  const name = selectorOf(frame.input);
  for (let at = parent; at !== undefined; at = at.parent)
    if (selectorOfVisit(at) === name || (at.context === context && at.frame.to === frame.to)) return true;
  return false;
}
