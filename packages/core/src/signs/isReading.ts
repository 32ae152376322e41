import type { Visit } from "../model/CallTree.ts";
import { selector } from "../model/KnownSignature.ts";

/** Views of token and pool standards: whoever answers to them changes nothing. */
const views: ReadonlySet<string> = new Set([
  selector.balanceOf,
  selector.balanceOfId,
  selector.ledgerBalance,
  selector.totalSupply,
  selector.decimals,
  selector.getReserves,
  selector.slot0,
  selector.token0,
  selector.token1,
  "0xdd62ed3e", // allowance
]);

/**
 * Whether a call into a contract that is known only asks it something: a static call, or one of a standard's view, which
 * contracts made before Solidity 0.5 call as they call anything. Of a stranger's contract the name says nothing.
 */
export function isReading({ isStatic, selector: name }: Visit): boolean {
  return isStatic || views.has(name);
}
