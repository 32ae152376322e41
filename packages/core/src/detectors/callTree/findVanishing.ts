import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Vanishing (weight 1): a contract of the actors destroys itself at the end of its own transaction.
 *
 * Nobody can read it afterwards. Gas tokens destroy contracts of the token's, not of the actors. Evasion: leaving it.
 */
export function findVanishing(story: Story): Sign | undefined {
  const gone = story.visits.filter(
    (v) => v.frame.type === "SELFDESTRUCT" && !v.reverted && story.actors.has(v.frame.from),
  );
  return gone.length === 0 ? undefined : { name: "vanishing", weight: 1, victims: [], count: gone.length };
}
