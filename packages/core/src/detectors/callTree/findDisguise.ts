import { selectorOfVisit, type Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

const payments: ReadonlySet<string> = new Set([selector.transfer, selector.transferFrom]);

/**
 * Disguise (weight 3): a contract runs another's code as its own under the name of a token payment. Whoever signed it read
 * `transfer`; what ran may write the contract's storage as it likes.
 *
 * A token that passes a payment on to its code was itself asked for that payment; here nobody asked the contract for one.
 * Source: published accounts of Bybit (February 2025); no tree of it was at hand. Evasion: another harmless name.
 */
export function findDisguise({ acts, made }: Story): Sign | undefined {
  const isOne = (v: Visit) =>
    v.frame.type === "DELEGATECALL" && payments.has(selectorOfVisit(v)) && !made.has(v.context) && !isAskedFor(v);
  const victims = new Set<Address>(acts.filter(isOne).map(({ context }) => context));
  if (victims.size === 0) return undefined;
  return { name: "disguise", weight: 3, victims: [...victims], count: victims.size };
}

/** Whether a frame above, of the same contract, has the same name. */
function isAskedFor(visit: Visit): boolean {
  const name = selectorOfVisit(visit);
  for (let at = visit.parent; at !== undefined && at.context === visit.context; at = at.parent)
    if (selectorOfVisit(at) === name) return true;
  return false;
}
