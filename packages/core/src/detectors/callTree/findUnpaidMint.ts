import { zeroAddress } from "../../model/Asset.ts";
import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import type { KeptGain } from "./findKeptGain.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Unpaid mint (weight 2): the actors themselves call `mint(address,uint256)` of a standing token for one of their own, pay
 * nothing for it, give the token to an outsider, and keep something else: a mint that nobody guarded.
 *
 * A bridge or farm that mints for its caller keeps nothing; whoever buys from the token pays it. Evasion: a mint of
 * another name; keeping the token for a later transaction.
 */
export function findUnpaidMint(story: Story, gain: KeptGain): Sign | undefined {
  const minted = new Set<Address>();
  for (const visit of story.direct) {
    const { frame, context } = visit;
    if (visit.selector !== selector.mint || frame.input.length < 138 || frame.value > 0n) continue;
    if (story.made.has(context) || !story.actors.has(`0x${frame.input.slice(34, 74)}`)) continue;
    if (!isPaidFor(story, visit)) minted.add(context);
  }
  const given = story.moves.filter(
    ({ asset, from, to }) =>
      minted.has(asset as Address) && story.actors.has(from) && !story.actors.has(to) && to !== zeroAddress,
  );
  if (given.length === 0 || gain.assets.every((asset) => minted.has(asset as Address))) return undefined;
  const victims = [...new Set(given.flatMap(({ asset, to }) => [asset as Address, to]))];
  return { name: "unpaid-mint", weight: 2, victims, count: given.length };
}

/** Whether anything of the actors' was taken, or handed over before, for this mint. */
function isPaidFor(story: Story, { order, end, context }: Visit): boolean {
  const isTaken = story.visits
    .slice(order + 1, end + 1)
    .some(
      ({ selector: name }) => name === selector.transferFrom || name === selector.burnFrom || name === selector.burn,
    );
  return isTaken || story.moves.some((m) => m.to === context && story.actors.has(m.from));
}
