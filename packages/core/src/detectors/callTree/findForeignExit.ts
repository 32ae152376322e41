import type { Address, Hex } from "../../model/Hex.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/** Functions that take a position of one and pay it to another: the places of both among the arguments. */
const exits: ReadonlyMap<Hex, { readonly owner: number; readonly receiver: number }> = new Map([
  ["0x8bdb3913", { owner: 1, receiver: 2 }], // exitPool(bytes32,address,address,(address[],uint256[],bytes,bool)) of Balancer
  ["0xb460af94", { owner: 2, receiver: 1 }], // withdraw(uint256,address,address) of ERC-4626
  ["0xba087652", { owner: 2, receiver: 1 }], // redeem(uint256,address,address) of ERC-4626
]);

/**
 * Foreign exit (weight 2): the actors have an outsider end the position of somebody who has no part in this transaction, and
 * name themselves as the receiver; its owner ends with more of nothing.
 *
 * Whoever manages other people's positions pays out to them. Source: Bazaar (2024), whose exit did not ask who called.
 * Evasion: a function of another name; sending dust to the owner.
 */
export function findForeignExit(story: Story): Sign | undefined {
  const victims = new Set<Address>();
  let count = 0;
  for (const { selector: name, frame, context } of story.direct) {
    const places = exits.get(name);
    if (places === undefined) continue;
    const [owner, receiver] = [argument(frame.input, places.owner), argument(frame.input, places.receiver)];
    if (!story.actors.has(receiver) || story.actors.has(owner) || story.made.has(owner) || story.active.has(owner))
      continue;
    if ([...(story.net.get(owner)?.values() ?? [])].some((amount) => amount > 0n)) continue;
    victims.add(owner).add(context);
    count += 1;
  }
  return count === 0 ? undefined : { name: "foreign-exit", weight: 2, victims: [...victims], count };
}

function argument(input: Hex, place: number): Address {
  const start = 10 + 64 * place;
  return `0x${input.slice(start + 24, start + 64)}`;
}
