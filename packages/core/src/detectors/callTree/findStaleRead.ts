import type { Visit } from "../../model/CallTree.ts";
import { type Address, wordAt } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { readTransferCall } from "../../model/Transfer.ts";
import { callbackByDesign } from "../../signs/DrainSign.ts";
import { flashCallbacks } from "../../signs/FlashLoan.ts";
import { isHandOver, swapCallbacks } from "../../signs/PoolCallback.ts";
import { everyday } from "./findRepetition.ts";
import { countIn, paymentsOf } from "./payments.ts";
import type { Sign } from "./Sign.ts";
import { entryTo, type Story } from "./Story.ts";
import { singletons } from "./singletons.ts";

/**
 * Stale read (weight 2): while a call of the actors into an outsider is open, and their code runs in the midst of it, they
 * have another outsider change something, which reads the open one: its books are half written at that moment.
 *
 * Control that is handed over by design (loans, swaps, `unlock`) is passed over, as are payments, transfers and views; but not
 * a third party that looks at what a pool of two tokens has left while it is open, less than it lent, and pays out in that call:
 * it takes what is lent just then for a price. Source: read-only re-entry into pool prices; Polter (2024). Evasion: a view of a third contract that is
 * not read in the tree.
 */
export function findStaleRead(story: Story): Sign | undefined {
  const victims = new Set<Address>(misledByPools(story));
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

/** Whoever had a token asked what a pool holds that was open and had lent most of it, and paid the actors in the same call. */
function misledByPools(story: Story): Address[] {
  const { visits, actors } = story;
  const pools = new Set<Address>();
  for (const visit of visits) if (isPoolsCall(visit, actors)) pools.add(visit.parent!.context);
  if (pools.size === 0) return [];
  const given = new Map<string, bigint>();
  const misled: Address[] = [];
  for (const visit of visits) {
    const claim = readTransferCall(visit);
    if (claim !== undefined && pools.has(claim.from)) {
      const key = `${claim.from}${claim.asset}`;
      given.set(key, (given.get(key) ?? 0n) + claim.amount);
    }
    if (visit.selector !== selector.balanceOf || visit.parent === undefined) continue;
    const [holder, reader]: [Address, Address] = [`0x${visit.frame.input.slice(34, 74)}`, visit.parent.context];
    if (!pools.has(holder) || reader === holder || actors.has(reader)) continue;
    if ((wordAt(visit.frame.output, 0) ?? 0n) >= (given.get(`${holder}${visit.context}`) ?? 0n)) continue;
    const act = entryTo(visit, actors);
    if (isOpenAbove(act, holder, actors) && countIn(paymentsOf(story).paid, act, visit.order) > 0)
      misled.push(act.context);
  }
  return misled;
}

/** Whether a pool of two tokens, no known vault of many, calls the actors back. */
function isPoolsCall({ context, parent, selector: name, reverted }: Visit, actors: ReadonlySet<Address>): boolean {
  if (reverted || parent === undefined || !actors.has(context) || actors.has(parent.context)) return false;
  return isPairCallback(name) && !singletons.has(parent.context);
}

function isOpenAbove(act: Visit, pool: Address, actors: ReadonlySet<Address>): boolean {
  let at = act.parent;
  while (at !== undefined && !(at.parent?.context === pool && isPoolsCall(at, actors))) at = at.parent;
  return at !== undefined;
}

// Lenders of one token are looked at by whoever they lend to. Pools of two tokens call back under these names.
function isPairCallback(name: string): boolean {
  const text = flashCallbacks.get(name) ?? "";
  return swapCallbacks.has(name) || /^(uniswapV2|pancake|Biswap)Call|FlashCallback\(/i.test(text);
}
