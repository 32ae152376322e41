import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Foreign code (weight 2): an outsider runs code of the actors by DELEGATECALL, as its own.
 *
 * Then its storage and money are theirs. A wallet that is called first is an actor itself. What only passes calls of the actors
 * on to their own code, and loses nothing by it, is a clone of theirs, as batches of claims use. An upgrade whose new code is
 * created in the same transaction does the same. Source: Furucombo, Bybit. Evasion: code that was deployed earlier and is
 * not called first.
 */
export function findForeignCode(story: Story): Sign | undefined {
  const calls = story.visits.filter(
    ({ frame, reverted, context }) =>
      !reverted && frame.type === "DELEGATECALL" && story.actors.has(frame.to) && !story.actors.has(context),
  );
  const victims = [...new Set(calls.map((v) => v.context))].filter((a) => !story.made.has(a) && !isClone(a, story));
  return victims.length === 0 ? undefined : { name: "foreign-code", weight: 2, victims, count: victims.length };
}

/** Whether `a` was called by the actors alone, passed each call on word for word to their code, and has less of nothing. */
function isClone(a: Address, { visits, actors, net }: Story): boolean {
  const hasLess = [...(net.get(a)?.values() ?? [])].some((n) => n < 0n);
  const isPassedOn = (v: Visit) =>
    v.parent !== undefined &&
    v.frame.type === "DELEGATECALL" &&
    actors.has(v.frame.to) &&
    v.parent.frame.to === a &&
    v.parent.frame.input === v.frame.input &&
    v.parent.parent !== undefined &&
    actors.has(v.parent.parent.context);
  return (
    !hasLess &&
    visits.every((v) => v.context !== a || v.frame.to === a || v.frame.type !== "DELEGATECALL" || isPassedOn(v))
  );
}
