import type { Visit } from "../../model/CallTree.ts";
import { type Address, type Hex, wordAt } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { oncePer } from "../../model/oncePer.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Self-transfer (weight 1.5): the actors' contract transfers a token of an outsider's from an address to the same address.
 *
 * It moves nothing, unless the token reads both balances before it writes either, or pays for being moved.
 * Source: duplicated balances. Evasion: two addresses in turn.
 */
export function findSelfTransfer(story: Story): Sign | undefined {
  const sent = story.direct.filter(isToItself);
  if (sent.length === 0) return undefined;
  return { name: "self-transfer", weight: 1.5, victims: [...new Set(sent.map((v) => v.context))], count: sent.length };
}

/** How much of each token the actors sent so in all. */
export const sentToThemselves = oncePer(({ direct }: Story): ReadonlyMap<Address, bigint> => {
  const sums = new Map<Address, bigint>();
  for (const visit of direct) {
    if (!isToItself(visit)) continue;
    const amount = wordAt(visit.frame.input.slice(8) as Hex, visit.selector === selector.transfer ? 1 : 2) ?? 0n;
    sums.set(visit.context, (sums.get(visit.context) ?? 0n) + amount);
  }
  return sums;
});

function isToItself({ frame: { input, from }, selector: name }: Visit): boolean {
  const isOwn =
    (name === selector.transfer && input.length >= 138 && input.slice(34, 74) === from.slice(2)) ||
    (name === selector.transferFrom && input.length >= 202 && input.slice(34, 74) === input.slice(98, 138));
  return isOwn && !/^0*$/.test(input.slice(name === selector.transfer ? 74 : 138));
}
