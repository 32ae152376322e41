import type { Address } from "../../model/Hex.ts";
import type { Story } from "./Story.ts";

/** Functions by which pools trade; each pool keeps its own account of what it gives for what. */
export const trades: ReadonlyMap<string, string> = new Map([
  ["0x022c0d9f", "swap(uint256,uint256,address,bytes)"],
  ["0x6d9a640a", "swap(uint256,uint256,address)"],
  ["0x128acb08", "swap(address,bool,int256,uint160,bytes)"],
  ["0x52bbbe29", "swap((bytes32,uint8,address,address,uint256,bytes),(address,bool,address,bool),uint256,uint256)"],
  [
    "0x945bcec9",
    "batchSwap(uint8,(bytes32,uint256,uint256,uint256,bytes)[],address[],(address,bool,address,bool),int256[],uint256)",
  ],
  ["0x3df02124", "exchange(int128,int128,uint256,uint256)"],
  ["0xddc1f59d", "exchange(int128,int128,uint256,uint256,address)"],
  ["0xa6417ed6", "exchange_underlying(int128,int128,uint256,uint256)"],
  ["0x5b41b908", "exchange(uint256,uint256,uint256,uint256)"],
  ["0x394747c5", "exchange(uint256,uint256,uint256,uint256,bool)"],
  ["0x65b2489b", "exchange_underlying(uint256,uint256,uint256,uint256)"],
  ["0x44ee1986", "exchange_underlying(int128,int128,uint256,uint256,address)"],
  ["0xce7d6503", "exchange(uint256,uint256,uint256,uint256,bool,address)"],
  ["0xafb43012", "exchange_received(int128,int128,uint256,uint256,address)"],
  ["0x767691e7", "exchange_received(uint256,uint256,uint256,uint256,address)"],
  ["0x2bfb780c", "swap((uint8,address,address,address,uint256,uint256,bytes))"],
  ["0xf3cd914c", "swap((address,address,uint24,int24,address),(bool,int256,uint160),bytes)"],
  ["0xbd6015b4", "sellBase(address)"],
  ["0xdd93f59a", "sellQuote(address)"],
  ["0x53c059a0", "swap(bool,address)"],
]);

/** Functions of pools that hold several assets by which one goes in and another out, in two calls. */
export const liquidity: ReadonlyMap<string, string> = new Map([
  ["0x0b4c7e4d", "add_liquidity(uint256[2],uint256)"],
  ["0x4515cef3", "add_liquidity(uint256[3],uint256)"],
  ["0x5b36389c", "remove_liquidity(uint256,uint256[2])"],
  ["0xecb586a5", "remove_liquidity(uint256,uint256[3])"],
  ["0x1a4d01d2", "remove_liquidity_one_coin(uint256,int128,uint256)"],
  ["0xf1dc3cc9", "remove_liquidity_one_coin(uint256,uint256,uint256)"],
]);

/** `sync()`, by which a pair is told to believe its balances. */
export const sync = "0xfff6cae9";

/** Functions that make a pool believe its balances. */
export const resyncs: ReadonlySet<string> = new Set([
  sync,
  "0xbc25cf77", // skim(address)
]);

/**
 * The outsiders that were only traded with: entered by a trade or resync, by nothing else that writes, and paid in another asset. Where
 * something was put in and taken out the pool has to keep a hundredth of what came, since a trifle is left of a robbery too.
 */
export function marketsOf(story: Story): ReadonlySet<Address> {
  const [traded, pooled, dealt] = [new Set<Address>(), new Set<Address>(), new Set<Address>()];
  for (const v of story.visits) {
    if (v.reverted || v.isStatic || v.frame.input === "0x" || v.frame.type !== "CALL") continue;
    if (v.parent?.context === v.context || resyncs.has(v.selector)) continue;
    (trades.has(v.selector) ? traded : liquidity.has(v.selector) ? pooled : dealt).add(v.context);
  }
  const taken = new Map<string, bigint>();
  for (const { asset, to, amount } of story.moves)
    if (pooled.has(to)) taken.set(`${to}${asset}`, (taken.get(`${to}${asset}`) ?? 0n) + amount);
  const isPaid = (a: Address) =>
    [...(story.net.get(a) ?? [])].some(([asset, n]) => n > 0n && n >= (taken.get(`${a}${asset}`) ?? 0n) / 100n);
  const isMarket = (a: Address) => !dealt.has(a) && isPaid(a);
  return new Set([...traded, ...pooled].filter(isMarket));
}
