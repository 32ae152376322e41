import type { Asset } from "../../model/Asset.ts";
import type { KeptGain } from "./findKeptGain.ts";
import type { Sign } from "./Sign.ts";
import { netOfActors, type Story } from "./Story.ts";

/**
 * Outsized gain (weight 1): the actors keep at least a tenth of what they paid out of an asset that they had borrowed in a
 * flash loan.
 *
 * Arbitrage and liquidations earn less on what they turn over; who closes a position keeps what he did not borrow.
 * Evasion: turning over more than is needed; taking the gain in another asset.
 */
export function findOutsizedGain(story: Story, gain: KeptGain): Sign | undefined {
  if (story.loans.length === 0) return undefined;
  const net = netOfActors(story);
  const lenders = new Set(story.loans.map((l) => l.lender));
  const sent = new Map<Asset, bigint>();
  const borrowed = new Set<Asset>();
  for (const { asset, from, to, amount } of story.moves) {
    if (lenders.has(from)) borrowed.add(asset);
    if (story.actors.has(from) && !story.actors.has(to)) sent.set(asset, (sent.get(asset) ?? 0n) + amount);
  }
  // Who paid out none of it turned nothing over: somebody else used the loan.
  const isBig = (asset: Asset) => sent.has(asset) && (net.get(asset) ?? 0n) * 10n >= sent.get(asset)!;
  const big = gain.assets.filter((asset) => borrowed.has(asset) && isBig(asset));
  return big.length === 0 ? undefined : { name: "outsized-gain", weight: 1, victims: gain.losers, count: big.length };
}
