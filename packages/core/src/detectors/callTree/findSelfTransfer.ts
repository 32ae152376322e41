import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Self-transfer (weight 1.5): the actors' contract transfers a token of an outsider's from an address to the same address.
 *
 * It moves nothing, unless the token reads both balances before it writes either, or pays for being moved.
 * Source: duplicated balances. Evasion: two addresses in turn.
 */
export function findSelfTransfer(story: Story): Sign | undefined {
  const victims = new Set<Address>();
  let count = 0;
  for (const visit of story.direct) {
    const { input, from } = visit.frame;
    const name = visit.selector;
    const isOwn =
      (name === selector.transfer && input.length >= 138 && input.slice(34, 74) === from.slice(2)) ||
      (name === selector.transferFrom && input.length >= 202 && input.slice(34, 74) === input.slice(98, 138));
    if (!isOwn || /^0*$/.test(input.slice(name === selector.transfer ? 74 : 138))) continue;
    victims.add(visit.context);
    count += 1;
  }
  return count === 0 ? undefined : { name: "self-transfer", weight: 1.5, victims: [...victims], count };
}
