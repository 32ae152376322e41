import type { Asset } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import { wordAt } from "../../model/Hex.ts";
import { selector, selectorOf } from "../../model/KnownSignature.ts";
import { type KeptGain, sourcesOf } from "./findKeptGain.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Emptied (weight 1.5): the actors' contract looked at what an outsider holds of a token, and then the outsider ends with
 * at least nine tenths of that less, to the gain of the actors, who may have sold it on.
 *
 * Whoever withdraws his own looks at his own. The balance that was answered in the tree stands for the state that is not
 * known. Source: the `balanceOf` pairs of the asset flow. Evasion: a fixed amount; looking beforehand.
 */
export function findEmptied(story: Story, gain: KeptGain): Sign | undefined {
  const losers = new Set(sourcesOf(story, gain));
  const held = new Map<string, bigint>();
  for (const { frame, context, reverted } of story.visits) {
    if (reverted || selectorOf(frame.input) !== selector.balanceOf || !story.actors.has(frame.from)) continue;
    const holder: Address = `0x${frame.input.slice(34, 74)}`;
    const key = `${holder}${context}`;
    if (losers.has(holder) && !held.has(key)) held.set(key, wordAt(frame.output, 0) ?? 0n);
  }
  const isEmptied = (loser: Address, asset: Asset) => {
    const before = held.get(`${loser}${asset}`) ?? 0n;
    const lost = -(story.net.get(loser)?.get(asset) ?? 0n);
    return before > 10_000n && lost * 10n >= before * 9n;
  };
  const victims = [...losers].filter((loser) =>
    [...(story.net.get(loser)?.keys() ?? [])].some((asset) => isEmptied(loser, asset)),
  );
  return victims.length === 0 ? undefined : { name: "emptied", weight: 1.5, victims, count: victims.length };
}
