import { zeroAddress } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import type { KeptGain } from "./findKeptGain.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Own token (weight 1.5): a token that this transaction created is given to an outsider, and the actors keep something
 * else. Whoever launches a token pays into its pool. Evasion: creating the token earlier.
 */
export function findOwnToken(story: Story, gain: KeptGain): Sign | undefined {
  const takers = story.moves.flatMap(({ asset, from, to }) =>
    story.made.has(asset as Address) && from !== zeroAddress && to !== zeroAddress && !story.actors.has(to) ? [to] : [],
  );
  if (takers.length === 0) return undefined;
  return { name: "own-token", weight: 1.5, victims: [...new Set([...gain.losers, ...takers])], count: takers.length };
}
