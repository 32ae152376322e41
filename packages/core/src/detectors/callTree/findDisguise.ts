import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

const payments: ReadonlySet<string> = new Set([selector.transfer, selector.transferFrom]);

/**
 * Disguise (weight 3): a contract runs another's code as its own under the name of a token payment. Whoever signed it read
 * `transfer`; what ran may write the contract's storage as it likes.
 *
 * Below a payment that somebody asked for it is a token's way to its code, and a contract that calls its own functions in a
 * row runs its own code; here nobody asked for one, and the code is foreign.
 * Source: published accounts of Bybit (February 2025); no tree of it was at hand. Evasion: another harmless name.
 */
export function findDisguise({ acts, made }: Story): Sign | undefined {
  const asked = new Set<Visit>();
  const victims = new Set<Address>();
  for (const visit of acts) {
    const name = visit.selector;
    if (visit.parent !== undefined && asked.has(visit.parent)) asked.add(visit);
    else if (payments.has(name)) {
      asked.add(visit);
      if (visit.frame.type === "DELEGATECALL" && !made.has(visit.context) && !isOwnCode(visit))
        victims.add(visit.context);
    }
  }
  if (victims.size === 0) return undefined;
  return { name: "disguise", weight: 3, victims: [...victims], count: victims.size };
}

/** Whether it is the contract's own code, or what it runs already. */
function isOwnCode({ frame, context, parent }: Visit): boolean {
  if (frame.to === context) return true;
  for (let at = parent; at !== undefined && at.context === context; at = at.parent)
    if (at.frame.to === frame.to) return true;
  return false;
}
