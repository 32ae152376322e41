import type { Address } from "../../model/Hex.ts";
import { isDust } from "./dust.ts";
import { everyday } from "./findRepetition.ts";
import { isTakenFor, paidByHand } from "./payments.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

// What a call must say of a mint stands at its beginning.
const mostWords = 32;
// A claim brings its proof along.
const fewWords = 3;

/**
 * Unpaid issue (weight 1, 1.5 where nothing but whom and how much is said, told only beside a crushed pool): the actors call a standing token by a function of its own, name
 * one of themselves and an amount, pay nothing for it, and then give an outsider exactly that amount of the token: a mint of
 * another name. Source: BEGO (2022), which took no signatures for enough, and a token on BSC of 2024 that let anybody mint.
 * Evasion: giving another amount.
 */
export function findUnpaidIssue(story: Story): Sign | undefined {
  const given = new Map<string, Address>();
  const tokens = new Set<string>();
  for (const { asset, from, to, amount } of story.moves) {
    if (!story.actors.has(from) || story.actors.has(to) || isDust(asset, amount)) continue;
    given.set(`${asset}${amount}`, to);
    tokens.add(asset);
  }
  const suspects = story.direct.filter(
    ({ context, frame, selector: name }) =>
      tokens.has(context) && !everyday.has(name) && frame.value === 0n && !story.made.has(context),
  );
  if (suspects.length === 0) return undefined;
  const paid = paidByHand(story);
  const victims = new Set<Address>();
  let count = 0;
  let isBare = false;
  for (const visit of suspects) {
    const { context: token, frame } = visit;
    if (paid.has(token)) continue;
    const words = (frame.input.slice(10, 10 + 64 * mostWords).match(/.{64}/g) ?? []).map((word) => BigInt(`0x${word}`));
    if (!words.some((word) => word >> 160n === 0n && story.actors.has(`0x${word.toString(16).padStart(40, "0")}`)))
      continue;
    const buyer = words.map((word) => given.get(`${token}${word}`)).find((to) => to !== undefined);
    if (buyer === undefined || isTakenFor(story, visit)) continue;
    victims.add(token).add(buyer);
    isBare ||= frame.input.length <= 10 + 64 * fewWords;
    count += 1;
  }
  return count === 0 ? undefined : { name: "unpaid-mint", weight: isBare ? 1.5 : 1, victims: [...victims], count };
}
