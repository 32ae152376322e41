import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { hookCalls, isHandOver } from "../../model/PoolCallback.ts";
import type { Sign } from "./Sign.ts";
import { isCreation, type Story } from "./Story.ts";

/**
 * Forged callback (weight 2, 3 by the sender itself): the actors call on an outsider the function by
 * which pools and lenders answer, or which a pool manager alone asks of a hook. No pool of this transaction did; whoever does
 * not check its caller pays out.
 *
 * Source: drained arbitrage bots, DoughFina, Cork (2025). Evasion: a callback that is not among the known ones.
 */
export function findForgedCallback(story: Story): Sign | undefined {
  const root = story.visits[0]!;
  if (!isCreation(root) && !root.reverted && isHandOver(root.selector) && root.frame.calls.length > 0)
    return { name: "forged-callback", weight: 3, victims: [root.context], count: 1 };
  const victims = new Set<Address>();
  for (const visit of story.direct)
    if ((isHandOver(visit.selector) && !isAskedFor(visit, story.actors)) || isHooksCall(visit, story))
      victims.add(visit.context);
  if (victims.size === 0) return undefined;
  return { name: "forged-callback", weight: 2, victims: [...victims], count: victims.size };
}

/** A pool manager that a router leads to asks the hooks of its pools; the attacker's own contract has none. */
function isHooksCall({ parent, selector: name, frame }: Visit, { visits, made }: Story): boolean {
  if (!hookCalls.has(name) || frame.calls.length === 0) return false;
  return parent!.context === visits[0]!.context || made.has(parent!.context);
}

/** Whoever is called back had called the actors' contract, which is then a pool or lender to it. */
function isAskedFor(visit: Visit, actors: ReadonlySet<Address>): boolean {
  for (let at = visit.parent; at !== undefined && actors.has(at.context); at = at.parent)
    if (at.parent !== undefined && !actors.has(at.parent.context)) return true;
  return false;
}
