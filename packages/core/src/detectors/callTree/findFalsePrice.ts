import type { Asset } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import type { KeptGain } from "./findKeptGain.ts";
import type { Sign } from "./Sign.ts";
import { netOfActors, type Story } from "./Story.ts";

/** `initialize(uint160)` gives a v3 pool its first price. */
const initialize = "0xf637731d";

/**
 * False price (weight 2): an outsider opens a pool at a price that stands in the actors' own calldata, and puts less than a
 * tenth into it of what the actors keep of that asset.
 *
 * Whoever moves liquidity for others must not let them name the price: at a false one nearly all of it is left over, and
 * goes back to whoever asked. An honest move leaves a remainder that is small beside what the pool gets; a launch brings
 * its own tokens. Source: Team Finance (2022). Evasion: opening the pool in an earlier transaction.
 */
export function findFalsePrice(story: Story, { assets, losers }: KeptGain): Sign | undefined {
  if (story.made.size === 0) return undefined;
  const kept = netOfActors(story);
  const pools: Address[] = [];
  for (const visit of story.acts) {
    const { frame, context, parent } = visit;
    if (visit.selector !== initialize || !story.made.has(context)) continue;
    if (parent === undefined || story.actors.has(parent.context)) continue;
    const price = frame.input.slice(10, 74);
    const isNamed = story.direct.some(
      (v) => v.order < visit.order && v.end >= visit.order && v.frame.input.includes(price),
    );
    const got = (asset: Asset) => story.net.get(context)?.get(asset) ?? 0n;
    if (isNamed && assets.some((asset) => got(asset) > 0n && got(asset) * 10n < kept.get(asset)!)) pools.push(context);
  }
  if (pools.length === 0) return undefined;
  return { name: "false-price", weight: 2, victims: losers, count: pools.length };
}
