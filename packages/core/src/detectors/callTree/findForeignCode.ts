import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Foreign code (weight 2): an outsider runs code of the actors by DELEGATECALL, as its own.
 *
 * Then its storage and money are theirs. A wallet that is called first is an actor itself. An upgrade whose new code is
 * created in the same transaction does the same. Source: Furucombo, Bybit. Evasion: code that was deployed earlier and is
 * not called first.
 */
export function findForeignCode(story: Story): Sign | undefined {
  const calls = story.visits.filter(
    ({ frame, reverted, context }) =>
      !reverted && frame.type === "DELEGATECALL" && story.actors.has(frame.to) && !story.actors.has(context),
  );
  const victims = [...new Set(calls.map((v) => v.context))].filter((a) => !story.made.has(a));
  return victims.length === 0 ? undefined : { name: "foreign-code", weight: 2, victims, count: victims.length };
}
