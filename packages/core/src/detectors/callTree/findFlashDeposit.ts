import { type Asset, native, zeroAddress } from "../../model/Asset.ts";
import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { isDust } from "./dust.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";
import { singletons } from "./singletons.ts";

/**
 * Flash deposit (weight 1, 2 from 8 turns): the actors give an asset to an outsider and get the same asset back from it
 * in the same transaction; each time it turns counts.
 *
 * A deposit earns nothing in no time, so that it serves something else: a share price, a reward, a snapshot. Loans turn the
 * other way round, a wrapped coin is the coin, and what comes back of the coin within the call that brought it is change,
 * if who gives it keeps none and has passed the rest on. Evasion: withdrawing in a later transaction, or in another asset.
 */
export function findFlashDeposit(story: Story): Sign | undefined {
  const books = new Map<string, { holder: Address; isIn: boolean; turns: number }>();
  const note = (holder: Address, asset: Asset, isIn: boolean) => {
    const key = `${holder}${asset}`;
    const book = books.get(key);
    if (book === undefined) books.set(key, { holder, isIn, turns: 0 });
    else if (book.isIn !== isIn) {
      if (book.isIn) book.turns += 1;
      book.isIn = isIn;
    }
  };
  const isChange = changeIn(story);
  for (const { asset, from, to } of story.moves) {
    if (asset === native && isChange(from)) continue;
    if (from === zeroAddress || to === zeroAddress || asset.includes(":")) continue;
    if (story.actors.has(from) === story.actors.has(to)) continue;
    if (story.actors.has(from)) note(to, asset, true);
    else note(from, asset, false);
  }
  const turned = [...books.values()].filter(
    (b) => b.turns > 0 && !singletons.has(b.holder) && !story.wrapped.has(b.holder),
  );
  if (turned.length === 0) return undefined;
  const count = Math.max(...turned.map((b) => b.turns));
  return { name: "flash-deposit", weight: count >= 8 ? 2 : 1, victims: turned.map((b) => b.holder), count };
}

/**
 * Whether all that an outsider paid the actors of the coin was less than what they had sent along with the call that it was paid in,
 * and the rest went on to others: a vault or a seller keeps it.
 */
function changeIn({ acts, actors, moves, net }: Story): (holder: Address) => boolean {
  const [given, kept] = [new Set<Address>(), new Set<Address>()];
  for (const visit of acts) {
    const { from, to, value } = visit.frame;
    if (visit.frame.type !== "CALL" || value === 0n || actors.has(from) || !actors.has(to)) continue;
    (isWithinLarger(visit, actors) ? given : kept).add(from);
  }
  const passing = new Set<Address>();
  for (const { asset, from, to, amount } of given.size === 0 ? [] : moves)
    if (asset === native && given.has(from) && !actors.has(to) && !isDust(native, amount)) passing.add(from);
  return (holder) => passing.has(holder) && !kept.has(holder) && (net.get(holder)?.get(native) ?? 0n) === 0n;
}

function isWithinLarger(paid: Visit, actors: Story["actors"]): boolean {
  for (let visit = paid.parent; visit !== undefined; visit = visit.parent)
    if (visit.context === paid.frame.from && visit.parent !== undefined && actors.has(visit.parent.context))
      return visit.frame.value > paid.frame.value;
  return false;
}
