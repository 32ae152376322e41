import type { Address } from "../../model/Hex.ts";
import { everyday } from "./findRepetition.ts";
import type { Sign } from "./Sign.ts";
import { isCreation, type Story } from "./Story.ts";

const fewest = 24;

/**
 * Identities (weight 1.75): the actors' code creates 24 or more contracts and tells an outsider of each by one function, in
 * one transaction: whatever is given out once a person is collected once a contract.
 *
 * A factory that pays into what it creates uses `transfer`, which does not count; a mint bot's contracts act themselves and
 * are told to nobody. Evasion: creating them earlier; fewer.
 */
export function findIdentities(story: Story): Sign | undefined {
  if (story.made.size < fewest) return undefined;
  const own = new Set(
    story.visits.flatMap((v) =>
      isCreation(v) && v.parent !== undefined && story.actors.has(v.parent.context) ? [v.frame.to] : [],
    ),
  );
  if (own.size < fewest) return undefined;
  const told = new Map<string, { callee: Address; who: Set<Address> }>();
  for (const visit of story.direct) {
    const name = visit.selector;
    const who: Address = `0x${visit.frame.input.slice(34, 74)}`;
    if (everyday.has(name) || !own.has(who)) continue;
    const book = told.get(`${visit.context}${name}`) ?? { callee: visit.context, who: new Set() };
    book.who.add(who);
    told.set(`${visit.context}${name}`, book);
  }
  const most = [...told.values()].sort((a, b) => b.who.size - a.who.size)[0];
  if (most === undefined || most.who.size < fewest) return undefined;
  return { name: "identities", weight: 1.75, victims: [most.callee], count: most.who.size };
}
