import { zeroAddress } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { readTransferCall } from "../../model/Transfer.ts";
import { isDust } from "./dust.ts";
import type { KeptGain } from "./findKeptGain.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Churn (weight 2): one outsider, who is a loser of the kept gain and got nothing for it, has a token minted for the actors,
 * takes it back, has it minted again and takes it back again.
 *
 * Whoever issues and redeems at fair prices loses nothing by it, and nobody goes through its fees twice; a claim that is
 * redeemed is minted once. Keys on `mint(address,uint256)` and on `transferFrom` and burns by the outsider, in turns.
 * Source: Truebit (2026). Evasion: one turn; a token that its issuer keeps in its own books.
 */
export function findChurn(story: Story, gain: KeptGain): Sign | undefined {
  const minted = new Set(story.moves.flatMap(({ asset, from }) => (from === zeroAddress ? [asset] : [])));
  // What an outsider minted and took back is nothing to it.
  const hasGot = (outsider: Address) =>
    [...(story.net.get(outsider) ?? [])].some(([asset, n]) => !minted.has(asset) && !isDust(asset, n));
  const losers = new Set(gain.losers.filter((loser) => !hasGot(loser)));
  const turns = new Map<string, { isOut: boolean; returned: number; minted: number }>();
  for (const visit of story.acts) {
    const issuer = visit.parent?.context;
    if (issuer === undefined || !losers.has(issuer) || visit.frame.type !== "CALL") continue;
    const key = `${issuer}${visit.context}`;
    const turn = turns.get(key) ?? { isOut: false, returned: 0, minted: 0 };
    if (visit.selector === selector.mint && story.actors.has(argument(visit.frame.input))) {
      if (!turn.isOut) turn.minted += 1;
      turn.isOut = true;
    } else if (turn.isOut && takesBack(story, visit)) {
      turn.isOut = false;
      turn.returned += 1;
    } else continue;
    turns.set(key, turn);
  }
  const churned = [...turns].filter(([, { returned, minted }]) => returned >= 2 && minted >= 2);
  if (churned.length === 0) return undefined;
  const victims = [...new Set(churned.map(([key]) => key.slice(0, 42) as Address))];
  return { name: "churn", weight: 2, victims, count: Math.max(...churned.map(([, { returned }]) => returned)) };
}

function takesBack(story: Story, visit: Story["acts"][number]): boolean {
  const claim = readTransferCall(visit);
  if (claim !== undefined) return story.actors.has(claim.from);
  return visit.selector === selector.burnFrom && story.actors.has(argument(visit.frame.input));
}

function argument(input: string): Address {
  return `0x${input.slice(34, 74)}`;
}
