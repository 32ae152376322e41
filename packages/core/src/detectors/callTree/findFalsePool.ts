import { native } from "../../model/Asset.ts";
import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { readTransferCall, type Transfer } from "../../model/Transfer.ts";
import { isDust } from "./dust.ts";
import { trades } from "./marketsOf.ts";
import { isIdle } from "./payments.ts";
import type { Sign } from "./Sign.ts";
import { assetOf, type Story } from "./Story.ts";

/**
 * False pool (weight 3, 2 if the outsider ends with more of something): an outsider trades at a contract of the actors as at a pool,
 * which answers with an amount and moves nothing, and then the outsider gives exactly that amount of what it held itself, be it the coin.
 *
 * A pool that says what it gave has given it. Who spends what it was told instead of what it got spends what others left with it.
 * A maker may be paid before he pays, or the other way round, so that who got something for it proves nothing without a gain.
 * Source: a router on BSC of 2023 that took any contract for a pool, of which a tree was read. Evasion: a pool that gives a worthless
 * token; an amount that the outsider changes.
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
      for (const amount of amountsIn(visit)) own.add(amount);
      told.set(asker, own);
      continue;
    }
    const given = givenBy(visit);
    if (given === undefined || given.from !== asker || told.get(asker)?.has(given.amount) !== true) continue;
    if (-(story.net.get(asker)?.get(assetOf(story, given.asset)) ?? 0n) < given.amount) continue;
    victims.add(asker);
    count += 1;
  }
  if (count === 0) return undefined;
  return {
    name: "false-pool",
    weight: [...victims].some((a) => isPaid(a, story)) ? 2 : 3,
    victims: [...victims],
    count,
  };
}

function givenBy(visit: Visit): Transfer | undefined {
  const { type, from, to, value } = visit.frame;
  if (type === "CALL" && value > 0n) return { asset: native, from, to, amount: value };
  return readTransferCall(visit);
}

/** Whether `asker` ends with more of something that is not the actors' own make. */
function isPaid(asker: Address, { net, actors, made }: Story): boolean {
  const isOwn = (token: string) => actors.has(token as Address) || made.has(token as Address);
  return [...net.get(asker)!].some(([asset, n]) => !isDust(asset, n) && !isOwn(asset));
}

const [half, whole] = [1n << 255n, 1n << 256n];

/** What is answered as amounts; what a pool gives it may name below zero. */
function amountsIn({ frame }: Visit): bigint[] {
  const words = (frame.output.slice(2).match(/.{64}/g) ?? []).slice(0, 4).map((word) => BigInt(`0x${word}`));
  return words.map((n) => (n >= half ? whole - n : n)).filter((n) => n >> 40n !== 0n);
}
