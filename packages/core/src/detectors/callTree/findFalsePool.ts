import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { readTransferCall } from "../../model/Transfer.ts";
import { trades } from "./marketsOf.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * False pool (weight 3): an outsider trades at a contract of the actors as at a pool, which answers with an amount and moves nothing,
 * and then the outsider gives exactly that amount of what it held itself.
 *
 * A pool that says what it gave has given it. Who spends what it was told instead of what it got spends what others left with it.
 * Source: a router on BSC of 2023 that took any contract for a pool, of which a tree was read. Evasion: a pool that gives a worthless
 * token; moving dust on the way; an amount that the outsider changes.
 */
export function findFalsePool(story: Story): Sign | undefined {
  const told = new Map<Address, Set<bigint>>();
  const victims = new Set<Address>();
  let count = 0;
  for (const visit of story.acts) {
    const asker = visit.parent?.context;
    if (asker === undefined || story.actors.has(asker) || story.made.has(asker)) continue;
    if (story.actors.has(visit.context) && trades.has(visit.selector) && isIdle(visit, story)) {
      const own = told.get(asker) ?? new Set();
      told.set(asker, new Set([...own, ...amountsIn(visit)]));
      continue;
    }
    const given = readTransferCall(visit);
    if (given === undefined || given.from !== asker || told.get(asker)?.has(given.amount) !== true) continue;
    if (-(story.net.get(asker)?.get(given.asset) ?? 0n) < given.amount) continue;
    victims.add(asker);
    count += 1;
  }
  return count === 0 ? undefined : { name: "false-pool", weight: 3, victims: [...victims], count };
}

/** Whether nothing moved in `visit`, neither token nor coin. */
function isIdle({ order, end, frame }: Visit, { visits }: Story): boolean {
  if (frame.value > 0n) return false;
  for (let at = order + 1; at <= end; at += 1) {
    const inner = visits[at]!;
    if (!inner.isStatic && (inner.frame.value > 0n || readTransferCall(inner) !== undefined)) return false;
  }
  return true;
}

const [half, whole] = [1n << 255n, 1n << 256n];

/** What is answered as amounts; what a pool gives it may name below zero. */
function amountsIn({ frame }: Visit): bigint[] {
  const words = (frame.output.slice(2).match(/.{64}/g) ?? []).slice(0, 4).map((word) => BigInt(`0x${word}`));
  return words.map((n) => (n >= half ? whole - n : n)).filter((n) => n >> 40n !== 0n);
}
