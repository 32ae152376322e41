import { resyncs } from "./marketsOf.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Pool resync (weight 1): the actors call `sync()` or `skim(address)` of a pair, which make it believe a balance that no
 * trade has brought about. Tokens call them in their own rebase; that is no actor's call.
 * Evasion: a swap of nothing, which reads the balances as well.
 */
export function findPoolResync(story: Story): Sign | undefined {
  const calls = story.direct.filter((v) => resyncs.has(v.selector));
  if (calls.length === 0) return undefined;
  return { name: "pool-resync", weight: 1, victims: [...new Set(calls.map((v) => v.context))], count: calls.length };
}
