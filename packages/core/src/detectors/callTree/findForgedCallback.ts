import { zeroAddress } from "../../model/Asset.ts";
import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { hookCalls, isHandOver, tokenHooks } from "../../signs/PoolCallback.ts";
import type { Sign } from "./Sign.ts";
import { hasGained, isCreation, type Story } from "./Story.ts";

/**
 * Forged callback (weight 2, 3 by the sender itself; of a receipt only where a gain came of it): the actors call on an outsider the function by
 * which pools and lenders answer, which a pool manager alone asks of a hook, or by which a token tells that it was received. No pool or
 * token of this transaction did; whoever does not check its caller pays out.
 *
 * Source: drained arbitrage bots, DoughFina, Cork (2025), Tsuru (2024). Evasion: a callback that is not among the known ones.
 */
export function findForgedCallback(story: Story): Sign | undefined {
  const root = story.visits[0]!;
  if (!isCreation(root) && !root.reverted && isHandOver(root.selector) && root.frame.calls.length > 0)
    return { name: "forged-callback", weight: 3, victims: [root.context], count: 1 };
  const victims = new Set<Address>();
  for (const visit of story.direct)
    if ((isHandOver(visit.selector) && !isAskedFor(visit, story.actors)) || isHooksCall(visit, story))
      victims.add(visit.context);
  const told = story.direct.filter((visit) => isForgedReceipt(visit, story));
  if (told.length > 0 && hasGained(story)) for (const { context } of told) victims.add(context);
  if (victims.size === 0) return undefined;
  return { name: "forged-callback", weight: 2, victims: [...victims], count: victims.size };
}

/** By which a collection sends its own items, be it asked by itself. */
const sends: ReadonlySet<string> = new Set([
  selector.safeTransferFrom,
  selector.safeTransferFromWithData,
  selector.safeTransferFrom1155,
]);

/**
 * The caller tells that a token of its own was received, by its own order or nobody's: tokens are sent by those who call them. Wallets
 * pass on what they are told themselves. Who asks a standing contract about it before he believes it is not deceived.
 */
function isForgedReceipt(visit: Visit, { visits, actors }: Story): boolean {
  const { selector: name, frame, parent, context, order, end } = visit;
  if (!tokenHooks.has(name) || frame.input.length < 74) return false;
  if (parent!.selector === name || sends.has(parent!.selector)) return false;
  const operator: Address = `0x${frame.input.slice(34, 74)}`;
  if (operator !== zeroAddress && operator !== parent!.context) return false;
  for (let at = order + 1; at <= end; at += 1) {
    const below = visits[at]!;
    if (!below.isStatic || below.parent!.context !== context) continue;
    if (below.context !== context && !actors.has(below.context)) return false;
  }
  return true;
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
