import { type Asset, zeroAddress } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Round trip (weight 2): an outsider first took asset X and gave Y, and later took Y and gave X, in one transaction.
 *
 * That is how a price is bent, used and bent back. Arbitrage passes each pool in one direction; adding or removing
 * liquidity moves both assets the same way; a loan comes back in one asset only. Keys on the order of transfers per asset.
 * Source: the shape of bZx, Harvest, Warp. Evasion: bending back through another pool, or in another transaction.
 */
export function findRoundTrips(story: Story): Sign | undefined {
  const root = story.visits[0]!.context;
  const trips = new Map<Address, { first: Map<Asset, 1 | -1>; turned: Set<Asset> }>();
  const note = (holder: Address, asset: Asset, way: 1 | -1) => {
    // Who is called first trades for its caller; both ways of each of its exchanges pass through it.
    if (holder === zeroAddress || holder === root || asset.includes(":")) return;
    if (story.actors.has(holder) || story.wrapped.has(holder)) return;
    const book = trips.get(holder) ?? { first: new Map(), turned: new Set() };
    trips.set(holder, book);
    if (!book.first.has(asset)) book.first.set(asset, way);
    if (book.first.get(asset) !== way) book.turned.add(asset);
  };
  for (const { asset, from, to } of story.moves) {
    // The order of mints and wraps among the transfers is not known everywhere.
    if (from === zeroAddress || to === zeroAddress) continue;
    note(from, asset, -1);
    note(to, asset, 1);
  }
  const victims = [...trips].flatMap(([holder, { first, turned }]) =>
    [...turned].some((x) => first.get(x) === 1) && [...turned].some((y) => first.get(y) === -1) ? [holder] : [],
  );
  return victims.length === 0 ? undefined : { name: "round-trip", weight: 2, victims, count: victims.length };
}
