import type { Visit } from "../../model/CallTree.ts";
import { callbackByDesign } from "../../model/DrainSign.ts";
import type { Address } from "../../model/Hex.ts";
import { isHandOver } from "./findReentry.ts";
import { everyday } from "./findRepetition.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Stale read (weight 2): while a call of the actors into an outsider is open, and their code runs in the midst of it, they
 * have another outsider change something, which reads the open one: its books are half written at that moment.
 *
 * Control that is handed over by design (loans, swaps, `unlock`) is passed over, as are payments, transfers and views.
 * Source: read-only re-entry into pool prices. Evasion: a view of a third contract that is not read in the tree.
 */
export function findStaleRead(story: Story): Sign | undefined {
  const victims = new Set<Address>();
  for (const act of story.direct) {
    if (everyday.has(act.selector) || act.end === act.order || act.depth < 3) continue;
    const open = openAbove(act, story.actors);
    if (open.size === 0) continue;
    for (let at = act.order + 1; at <= act.end; at += 1) {
      const read = story.visits[at]!;
      if (read.frame.type !== "STATICCALL" || read.parent === undefined || !open.has(read.context)) continue;
      // What the open contract asks of itself, and what the actors ask, misleads nobody.
      if (read.context === act.context || read.parent.context === read.context) continue;
      if (story.actors.has(read.parent.context) || everyday.has(read.selector)) continue;
      victims.add(act.context).add(read.context);
    }
  }
  if (victims.size === 0) return undefined;
  return { name: "stale-read", weight: 2, victims: [...victims], count: victims.size };
}

/** The outsiders that are open above `act`, with the actors' code in between and not by design. */
function openAbove(act: Visit, actors: ReadonlySet<Address>): Set<Address> {
  const open = new Set<Address>();
  for (let at = act.parent; at !== undefined; at = at.parent) {
    const name = at.selector;
    if (actors.has(at.context)) {
      if (isHandOver(name)) return open;
    } else if (callbackByDesign.has(name)) return open;
    else if (!everyday.has(name) && !at.isStatic) open.add(at.context);
  }
  return open;
}
