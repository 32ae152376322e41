import { native } from "../../model/Asset.ts";
import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { isHandOver, tokenHooks } from "../../model/PoolCallback.ts";
import type { Sign } from "./Sign.ts";
import { entryTo, netOfActors, type Story } from "./Story.ts";

/**
 * Called payout (weight 1.5): an outsider has a function of the actors' contract called with ether of its own, as the actors told it by
 * naming that contract in their call; it ends with less ether and with more of nothing, and they keep some.
 *
 * Who pays out sends ether alone; who carries out an order with ether was paid it before. Callbacks of pools, lenders and token
 * standards are left out. Source: DEXRouter (2023). Evasion: a payout by plain transfer; a trifle given.
 */
export function findCalledPayout(story: Story): Sign | undefined {
  if ((netOfActors(story).get(native) ?? 0n) <= 0n) return undefined;
  const victims = new Set<Address>();
  // A call's data may be long, and each entry pay out many times.
  const named = new Map<Visit, Set<Address>>();
  for (const visit of story.acts) {
    if (victims.has(visit.parent?.context ?? visit.context) || !isPayout(visit, story)) continue;
    const entry = entryTo(visit, story.actors);
    const known = named.get(entry) ?? namedIn(entry, story.actors);
    named.set(entry, known);
    if (known.has(visit.context)) victims.add(visit.parent!.context);
  }
  if (victims.size === 0) return undefined;
  return { name: "called-payout", weight: 1.5, victims: [...victims], count: victims.size };
}

function isPayout(visit: Visit, { actors, made, wrapped, net }: Story): boolean {
  const { frame, context, parent, selector: name } = visit;
  if (frame.type !== "CALL" || frame.value === 0n || name.length < 10 || parent === undefined) return false;
  const payer = parent.context;
  if (!actors.has(context) || actors.has(payer) || made.has(payer) || wrapped.has(payer)) return false;
  if (isHandOver(name) || tokenHooks.has(name)) return false;
  const own = net.get(payer);
  return (own?.get(native) ?? 0n) < 0n && [...own!.values()].every((amount) => amount <= 0n);
}

/** The actors' contracts that the call `entry` names. */
function namedIn({ frame }: Visit, actors: ReadonlySet<Address>): Set<Address> {
  return new Set([...actors].filter((actor) => frame.input.includes(actor.slice(2))));
}
