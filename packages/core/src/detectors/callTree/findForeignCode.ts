import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Foreign code (weight 2): an outsider runs code of the actors by DELEGATECALL, as its own.
 *
 * Then its storage and money are theirs. A wallet that is called first is an actor itself. One of eight and more that only pass
 * calls of the actors on to code that they made before, and lose nothing by it, is a clone of theirs, as batches of claims use. An upgrade whose new code is
 * created in the same transaction does the same. Source: Furucombo, Bybit. Evasion: code that was deployed earlier and is
 * not called first.
 */
export function findForeignCode(story: Story): Sign | undefined {
  const calls = story.visits.filter(
    ({ frame, reverted, context }) =>
      !reverted && frame.type === "DELEGATECALL" && story.actors.has(frame.to) && !story.actors.has(context),
  );
  if (calls.length === 0) return undefined;
  const clones = clonesIn(story);
  const victims = [...new Set(calls.map((v) => v.context))].filter((a) => !story.made.has(a) && !clones.has(a));
  return victims.length === 0 ? undefined : { name: "foreign-code", weight: 2, victims, count: victims.length };
}

/** Whoever is taken over has few proxies of one code. */
const leastClones = 8;

/** Contracts that were called by the actors alone, passed each call on word for word to their code, and have less of nothing. */
function clonesIn({ visits, actors, net, made }: Story): ReadonlySet<Address> {
  const clones = new Map<Address, Set<Address>>();
  const others = new Set<Address>();
  for (const visit of visits) {
    const { frame, context } = visit;
    if (frame.type !== "DELEGATECALL") continue;
    if (!isPassedOn(visit, actors) || made.has(frame.to)) others.add(context);
    else clones.set(frame.to, (clones.get(frame.to) ?? new Set()).add(context));
  }
  const hasLess = (a: Address) => [...(net.get(a)?.values() ?? [])].some((n) => n < 0n);
  const many = [...clones.values()].filter(({ size }) => size >= leastClones).flatMap((set) => [...set]);
  return new Set(many.filter((a) => !others.has(a) && !hasLess(a)));
}

function isPassedOn({ frame, context, parent }: Visit, actors: ReadonlySet<Address>): boolean {
  if (parent === undefined || !actors.has(frame.to) || parent.frame.to !== context) return false;
  return parent.frame.input === frame.input && parent.parent !== undefined && actors.has(parent.parent.context);
}
