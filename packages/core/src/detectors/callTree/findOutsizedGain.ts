import type { Asset } from "../../model/Asset.ts";
import type { KeptGain } from "./findKeptGain.ts";
import type { Sign } from "./Sign.ts";
import { netOfActors, type Story } from "./Story.ts";

/**
 * Outsized gain (weight 1): of an asset that they had to pay out as well, the actors keep at least a tenth of what they
 * paid, and a flash loan stands beside it.
 *
 * Arbitrage and liquidations earn less on what they turn over. Evasion: turning over more than is needed.
 */
export function findOutsizedGain(story: Story, gain: KeptGain): Sign | undefined {
  if (story.loans.length === 0) return undefined;
  const net = netOfActors(story);
  const sent = new Map<Asset, bigint>();
  for (const { asset, from, to, amount } of story.moves)
    if (story.actors.has(from) && !story.actors.has(to)) sent.set(asset, (sent.get(asset) ?? 0n) + amount);
  const big = gain.assets.filter((a) => (sent.get(a) ?? 0n) > 0n && (net.get(a) ?? 0n) * 10n >= sent.get(a)!);
  return big.length === 0 ? undefined : { name: "outsized-gain", weight: 1, victims: gain.losers, count: big.length };
}
