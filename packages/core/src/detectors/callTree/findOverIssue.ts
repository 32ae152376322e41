import { zeroAddress } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Over-issue (weight 1.5): what crushed a pool was minted to the actors in this transaction: so much was made, for little,
 * that the pool's other asset went for it.
 *
 * Source: mints without bound, of Cover (2020) and PAID (2021). Evasion: selling in a later transaction; a mint under a name
 * that a bare tree does not tell.
 */
export function findOverIssue(story: Story, crushed: Sign | undefined): Sign | undefined {
  if (crushed === undefined) return undefined;
  const minted = new Set(
    story.moves.flatMap(({ asset, from, to }) => (from === zeroAddress && story.actors.has(to) ? [asset] : [])),
  );
  const tokens = new Set<Address>();
  for (const pool of crushed.victims)
    for (const [asset, amount] of story.net.get(pool) ?? [])
      if (amount > 0n && minted.has(asset) && !story.made.has(asset as Address)) tokens.add(asset as Address);
  if (tokens.size === 0) return undefined;
  return { name: "over-issue", weight: 1.5, victims: [...tokens, ...crushed.victims], count: tokens.size };
}
