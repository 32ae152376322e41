import { type Address, wordAt } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { trades } from "./marketsOf.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

// Nobody trades at a tenth of the price, which is what taking nine tenths of a pool comes to.
const times = 9n;

/**
 * Crushed pool (weight 1.5, told of pools that only traded if there is an over-issue, since arbitrage follows such a price):
 * in a trade, a pool pays out nine times what it then has left of an asset, or takes in nine times what it had, by its own
 * question for its balance.
 *
 * That sells what was minted for nothing, buys up a pool before its price is used, or sells into one whose reserve was
 * burned. Source: infinite mints and emptied pairs alike. Evasion: several steps; a pool that keeps its own books.
 */
export function findCrushedPool(story: Story): Sign | undefined {
  const paid = new Map<string, bigint>();
  const held = new Map<string, bigint>();
  const victims = new Set<Address>();
  for (const visit of story.visits) {
    const { frame, parent, context: token } = visit;
    if (visit.reverted || parent === undefined || frame.input.length < 74) continue;
    const name = visit.selector;
    if (name !== selector.transfer && name !== selector.balanceOf) continue;
    // A proxy's code may stand between the pool and its trade.
    const trade = parent.frame.type === "DELEGATECALL" ? (parent.parent ?? parent) : parent;
    const pool = trade.context;
    if (story.actors.has(pool) || pool !== frame.from || !trades.has(trade.selector)) continue;
    const key = `${trade.order}${token}`;
    if (name === selector.transfer) {
      paid.set(key, (paid.get(key) ?? 0n) + (wordAt(frame.input.slice(8) as `0x${string}`, 1) ?? 0n));
      continue;
    }
    if (frame.input.slice(34, 74) !== pool.slice(2)) continue;
    const left = wordAt(frame.output, 0) ?? 0n;
    const before = held.get(key);
    held.set(key, left);
    const isOut = (paid.get(key) ?? 0n) > times * left && left > 0n;
    const isIn = before !== undefined && before > 0n && left > (times + 1n) * before;
    if (isOut || isIn) victims.add(pool);
  }
  if (victims.size === 0) return undefined;
  return { name: "crushed-pool", weight: 1.5, victims: [...victims], count: victims.size };
}
