import type { Address } from "../../model/Hex.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/** How contracts are asked for a price. */
const priceReads: ReadonlySet<string> = new Set([
  "0x50d25bcd", // latestAnswer()
  "0xfeaf968c", // latestRoundData()
  "0x41976e09", // getPrice(address)
  "0x98d5fdca", // getPrice()
  "0xa035b1fe", // price()
  "0xaea91078", // price(address)
  "0xfc57d4df", // getUnderlyingPrice(address)
  "0xb3596f07", // getAssetPrice(address)
  "0xeeb8a8d3", // peek(bytes)
  "0xd6d7d525", // get(bytes)
  "0xd39bbef0", // peekSpot(bytes)
  "0x0fdb11cf", // fetchPrice()
  "0xae68676c", // getQuote(uint256,address,address)
]);

/**
 * Own oracle (weight 2): an outsider asks a contract for a price that the actors made in this transaction, and they keep a gain.
 *
 * Whoever opens a market with an oracle of his own seeds it and gains nothing; factories are outsiders, and what they make is
 * nobody's. Source: Rikkei (2022). Evasion: an oracle that was made before; a price under another name.
 */
export function findOwnOracle(story: Story): Sign | undefined {
  const victims = new Set<Address>();
  for (const { context, parent, selector: name, reverted } of story.visits) {
    if (reverted || parent === undefined || !priceReads.has(name)) continue;
    if (story.made.has(context) && story.actors.has(context) && !story.actors.has(parent.context))
      victims.add(parent.context);
  }
  if (victims.size === 0) return undefined;
  return { name: "own-oracle", weight: 2, victims: [...victims], count: victims.size };
}
