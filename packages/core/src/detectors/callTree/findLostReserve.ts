import type { Visit } from "../../model/CallTree.ts";
import { type Address, wordAt } from "../../model/Hex.ts";
import { fallenBalances } from "./fallenBalances.ts";
import { sync } from "./marketsOf.ts";
import type { Sign } from "./Sign.ts";
import { hasGained, type Story } from "./Story.ts";

const getReserves = "0x0902f1ac";
/** `burn(address)` takes liquidity out of a pair. */
const burn = "0x89afcb44";

/**
 * Lost reserve (weight 2, 3 where a tenth or less is left): the product of a pair's two reserves falls by half or more
 * between two answers of `getReserves()`, while nobody takes liquidity out of it; or its balance of a token does, while nobody moves any
 * of it, and the pair is told to believe that.
 *
 * A trade never lowers the product; what does is a token that burns or takes what the pair holds, or a balance that was
 * bent before `sync`. Pairs of stable coins, whose curve is flatter, may halve it in a large trade. Keys on the pair's own
 * answers, so that it needs neither logs nor the name of the burning function. Evasion: reserves that nobody asks for
 * afterwards; a pool of another kind.
 */
export function findLostReserve(story: Story): Sign | undefined {
  const products = new Map<Address, bigint>();
  const victims = new Set<Address>();
  let isTenth = false;
  for (const visit of story.visits) {
    if (visit.reverted) continue;
    const name = visit.selector;
    if (name === burn) products.delete(visit.context);
    if (name !== getReserves) continue;
    const product = productOf(visit);
    const before = products.get(visit.context);
    if (product === undefined) continue;
    // An empty pair has nothing to lose, however often it is asked.
    if (before !== undefined && before > 0n && product * 2n <= before && !story.actors.has(visit.context)) {
      victims.add(visit.context);
      isTenth ||= product * 10n <= before;
    }
    products.set(visit.context, product);
  }
  // Keepers burn, and tokens are redenominated; who does that for nobody's gain robs nobody.
  const isSynced = story.acts.some(({ selector: name }) => name === sync);
  const fallen = isSynced && hasGained(story) ? fallenBalances(story) : [];
  for (const [pair, left] of fallen) {
    if (left > 0.5) continue;
    victims.add(pair);
    isTenth ||= left <= 0.1;
  }
  return victims.size === 0
    ? undefined
    : { name: "lost-reserve", weight: isTenth ? 3 : 2, victims: [...victims], count: victims.size };
}

/** Pairs tell a third word, when that was; books of liquidity by prices, whose product means nothing, do not. */
function productOf({ frame }: Visit): bigint | undefined {
  if (frame.output.length < 2 + 3 * 64) return undefined;
  const [a, b] = [wordAt(frame.output, 0), wordAt(frame.output, 1)];
  return a === undefined || b === undefined ? undefined : a * b;
}
