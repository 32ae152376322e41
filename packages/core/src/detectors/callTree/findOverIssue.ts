import { type Asset, zeroAddress } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import { marketsOf } from "./marketsOf.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Over-issue (weight 1.5): what crushed a pool was minted to the actors in this transaction, or was what a pool gave them for that: so
 * much was made, for little, that the other asset of a pool went for it.
 *
 * Source: mints without bound, of Cover (2020) and PAID (2021), and at a wrong rate, of which a tree of 2024 was read. Evasion: selling in
 * a later transaction; a mint under a name that a bare tree does not tell; two pools on the way.
 */
export function findOverIssue(story: Story, crushed: Sign | undefined): Sign | undefined {
  if (crushed === undefined) return undefined;
  const minted = new Set(
    story.moves.flatMap(({ asset, from, to }) => (from === zeroAddress && story.actors.has(to) ? [asset] : [])),
  );
  const tokens = new Set<Address>();
  for (const asset of [...minted, ...boughtFor(story, minted)])
    for (const pool of crushed.victims)
      if ((story.net.get(pool)?.get(asset) ?? 0n) > 0n && !story.made.has(asset as Address))
        tokens.add(asset as Address);
  if (tokens.size === 0) return undefined;
  return { name: "over-issue", weight: 1.5, victims: [...tokens, ...crushed.victims], count: tokens.size };
}

/** What pools that only traded gave the actors while they took in what is `minted`. */
function boughtFor(story: Story, minted: ReadonlySet<Asset>): Set<Asset> {
  const markets = marketsOf(story);
  const takers = new Set(
    [...markets].filter((pool) => [...(story.net.get(pool) ?? [])].some(([asset, n]) => n > 0n && minted.has(asset))),
  );
  return new Set(
    story.moves.flatMap(({ asset, from, to }) => (takers.has(from) && story.actors.has(to) ? [asset] : [])),
  );
}
