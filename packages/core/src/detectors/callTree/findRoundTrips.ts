import { type Asset, zeroAddress } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import { isDust } from "./dust.ts";
import type { Sign } from "./Sign.ts";
import { hasGained, type Story } from "./Story.ts";
import { singletons } from "./singletons.ts";

/** What an outsider took and gave of one asset. */
interface Leg {
  /** Whether it took first, and whether it did both in the end. */
  readonly tookFirst: boolean;
  isTurned: boolean;
  /** Who got what it gave. */
  readonly receivers: Set<Address>;
}

/**
 * Round trip (weight 2, 1 where nobody else ends with more of anything): an outsider first took asset X and gave Y, and
 * later took Y and gave X, in one transaction, for the actors or for one and the same other.
 *
 * That is how a price is bent, used and bent back. Arbitrage passes each pool in one direction; adding or removing
 * liquidity moves both assets the same way; a loan comes back in one asset only; two people's opposite orders are paid out to
 * two people. Known contracts that hold the money of many pools are left out. Keys on the order of transfers per asset.
 * Source: the shape of bZx, Harvest, Warp. Evasion: bending back through another pool, or in another transaction.
 */
export function findRoundTrips(story: Story): Sign | undefined {
  const root = story.visits[0]!.context;
  const books = new Map<Address, Map<Asset, Leg>>();
  const note = (holder: Address, asset: Asset, receiver: Address | undefined) => {
    // Who is called first trades for its caller; both ways of each of its exchanges pass through it.
    if (holder === zeroAddress || holder === root || asset.includes(":") || singletons.has(holder)) return;
    if (story.actors.has(holder) || story.wrapped.has(holder)) return;
    const book = books.get(holder) ?? new Map<Asset, Leg>();
    books.set(holder, book);
    const took = receiver === undefined;
    const leg = book.get(asset) ?? { tookFirst: took, isTurned: false, receivers: new Set() };
    book.set(asset, leg);
    if (leg.tookFirst !== took) leg.isTurned = true;
    if (receiver !== undefined) leg.receivers.add(receiver);
  };
  for (const { asset, from, to } of story.moves) {
    // The order of mints and wraps among the transfers is not known everywhere.
    if (from === zeroAddress || to === zeroAddress) continue;
    note(from, asset, to);
    note(to, asset, undefined);
  }
  const victims = [...books].flatMap(([holder, book]) => {
    const turned = [...book.values()].filter((leg) => leg.isTurned);
    const outs = turned.filter((leg) => !leg.tookFirst);
    const isTrip = turned.some((x) => x.tookFirst && outs.some((y) => isOneParty(x, y, story)));
    return isTrip ? [holder] : [];
  });
  if (victims.length === 0) return undefined;
  return { name: "round-trip", weight: isIdle(story, new Set(victims)) ? 1 : 2, victims, count: victims.length };
}

/** Whether neither the actors nor anybody but `pools` ends with more of anything: whoever trades to and fro pays for it. */
function isIdle(story: Story, pools: ReadonlySet<Address>): boolean {
  const { net, wrapped, actors } = story;
  const passed = (a: Address) => a === zeroAddress || pools.has(a) || wrapped.has(a) || actors.has(a);
  return (
    !hasGained(story) && [...net].every(([a, own]) => passed(a) || [...own].every(([asset, n]) => isDust(asset, n)))
  );
}

function isOneParty(x: Leg, y: Leg, { actors }: Story): boolean {
  return (
    [...x.receivers, ...y.receivers].some((a) => actors.has(a)) || [...x.receivers].some((a) => y.receivers.has(a))
  );
}
