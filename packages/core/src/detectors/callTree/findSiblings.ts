import type { Address } from "../../model/Hex.ts";
import { everyday } from "./findRepetition.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Siblings (weight 1): the actors call one function of 8 or more different outsiders, which go on to call others: many
 * identities made beforehand, each of which collects once.
 *
 * Wallets that are emptied by their owner answer the same way, and lose what they are emptied of: those are passed over.
 * Evasion: fewer identities; different functions.
 */
export function findSiblings(story: Story): Sign | undefined {
  const callees = new Map<string, Set<Address>>();
  for (const visit of story.direct) {
    const name = visit.selector;
    if (everyday.has(name) || !visit.frame.calls.some((c) => c.type === "CALL")) continue;
    if ([...(story.net.get(visit.context)?.values() ?? [])].some((n) => n < 0n)) continue;
    callees.set(name, (callees.get(name) ?? new Set()).add(visit.context));
  }
  const most = [...callees.values()].sort((a, b) => b.size - a.size)[0];
  if (most === undefined || most.size < 8) return undefined;
  const called = new Set<Address>();
  for (const v of story.acts) if (v.parent !== undefined && most.has(v.parent.context)) called.add(v.context);
  const victims = [...called].filter((a) => !most.has(a) && !story.actors.has(a));
  return { name: "siblings", weight: 1, victims, count: most.size };
}
