import { z } from "zod";
import { type Address, toWord } from "../model/Hex.ts";
import type { PerpAdapter, PerpMarket } from "../model/PerpAdapter.ts";
import type { AccountState } from "../model/ProtocolAdapter.ts";
import type { ProtocolEvent } from "../model/ProtocolEvent.ts";
import { callRead, intOf, type Query, uintOf } from "../model/Query.ts";
import type { At } from "../model/StateRead.ts";
import { eventTopic, functionSelector } from "../model/signatureHash.ts";
import { type LogFields, type LogRule, readLogs, ruleKey } from "./LogReader.ts";
import { marketsOf, placeAddress, readPlace } from "./readPlace.ts";
import { absolute, divWad, mulWad, wadOf } from "./scaled.ts";

/** Where a deployment of Perpetual Protocol v2 (Curie) stands. */
export interface CuriePlace {
  readonly name?: string;
  readonly clearingHouse: Address;
  readonly vault: Address;
  readonly accountBalance: Address;
  readonly exchange: Address;
  readonly insuranceFund: Address;
  readonly clearingHouseConfig: Address;
  /** Decimals of the settlement token; 6 for USDC. */
  readonly decimals?: number;
  /** `pool` is the Uniswap v3 pool of virtual tokens, whose price is the market's. */
  readonly markets: readonly { readonly name: string; readonly baseToken: Address; readonly pool: Address }[];
  /** Exchange fee; default 10 bps. */
  readonly feeBps?: number;
  /** Length of the index's mean that trades are held against; default 900 s. */
  readonly referenceSeconds?: number;
}

const shape = z.looseObject({
  clearingHouse: placeAddress,
  vault: placeAddress,
  accountBalance: placeAddress,
  exchange: placeAddress,
  insuranceFund: placeAddress,
  clearingHouseConfig: placeAddress,
  markets: marketsOf({ baseToken: placeAddress, pool: placeAddress }),
});

const read = {
  markPrice: functionSelector("getMarkPrice(address)"),
  indexPrice: functionSelector("getIndexPrice(uint256)"),
  slot0: functionSelector("slot0()"),
  liquidity: functionSelector("liquidity()"),
  fundCapacity: functionSelector("getInsuranceFundCapacity()"),
  marketTwap: functionSelector("getSqrtMarketTwapX96(address,uint32)"),
  maxFundingRate: functionSelector("getMaxFundingRate()"),
  accountValue: functionSelector("getAccountValue(address)"),
  margin: functionSelector("getMarginRequirementForLiquidation(address)"),
  positionSize: functionSelector("getTotalPositionSize(address,address)"),
};
const topics = {
  positionChanged: eventTopic("PositionChanged(address,address,int256,int256,uint256,int256,int256,uint256)"),
  liquidityChanged: eventTopic("LiquidityChanged(address,address,address,int24,int24,int256,int256,int128,uint256)"),
  liquidated: eventTopic("PositionLiquidated(address,address,uint256,uint256,uint256,address)"),
  deposited: eventTopic("Deposited(address,address,uint256)"),
  withdrawn: eventTopic("Withdrawn(address,address,uint256)"),
};
const q96 = 2n ** 96n;
// √1.02 − 1: what the root of the price moves by when the price moves by 2 %.
const rootOfTwoPercent = 9_950_493_836_207_795n;

/**
 * The adapter of Perpetual Protocol v2. Open interest is summed over accounts, for the contracts keep none. Funding follows
 * the mean prices of market and index, and the rate is read from them; the growth that accounts are settled by has no
 * getter, so that conservation of funding is not judged here. Deposits count for every market.
 */
export function curieAdapter(given: CuriePlace): PerpAdapter {
  const place = readPlace("curieAdapter", shape, given);
  const nameOf = new Map(place.markets.map(({ name, baseToken }) => [baseToken, name]));
  const marketOf = new Map(place.markets.map((market) => [market.name, market]));
  const rules = rulesOf(place, nameOf);
  return {
    kind: "perp",
    name: place.name ?? "Curie",
    subject: place.vault,
    markets: place.markets.map(({ name }) => name),
    terms: { feeBps: place.feeBps ?? 10 },
    market: (market, at) => marketQuery(place, marketOf.get(market)!, at),
    account: (market, account, at) => accountQuery(place, marketOf.get(market)!, account, at),
    events: (view) => withoutHouse(place, readLogs(view, rules)),
    worth: (_, { price, reference }) => ({ value: reference ?? price, unit: reference ?? price }),
  };
}

function marketQuery(
  place: CuriePlace,
  { baseToken, pool }: CuriePlace["markets"][number],
  at: At,
): Query<PerpMarket | undefined> {
  const base = toWord(baseToken);
  const seconds = BigInt(place.referenceSeconds ?? 900);
  return {
    reads: [
      callRead(place.accountBalance, at, read.markPrice, base),
      callRead(baseToken, at, read.indexPrice, toWord(seconds)),
      callRead(pool, at, read.slot0),
      callRead(pool, at, read.liquidity),
      callRead(place.insuranceFund, at, read.fundCapacity),
      callRead(place.exchange, at, read.marketTwap, base, toWord(seconds)),
      callRead(place.clearingHouseConfig, at, read.maxFundingRate),
    ],
    decode([mark, index, slot0, liquidity, fund, twap, maxRate]) {
      const [price, reference, root] = [uintOf(mark), uintOf(index), uintOf(slot0)];
      if (!price || !reference || !root) return undefined;
      const [mean, cap, left] = [uintOf(twap), uintOf(maxRate), intOf(fund)];
      const depth = uintOf(liquidity);
      return {
        price,
        reference,
        traded: priceOfRoot(root),
        depth: depth === undefined ? undefined : mulWad((depth * root) / q96, rootOfTwoPercent),
        fund: left === undefined ? undefined : wadOf(left < 0n ? 0n : left, place.decimals ?? 6),
        funding: mean ? fundingOf(priceOfRoot(mean), reference, cap) : undefined,
      };
    },
  };
}

function priceOfRoot(root: bigint): bigint {
  return (((root * root) / q96) * 10n ** 18n) / q96;
}

// Curie pays (mean of the market − mean of the index) a day, as a share of the index, within a cap in millionths.
function fundingOf(market: bigint, index: bigint, capPpm: bigint | undefined) {
  const open = divWad(market - index, index);
  if (capPpm === undefined) return { rate: open };
  const cap = capPpm * 10n ** 12n;
  return { rate: open > cap ? cap : open < -cap ? -cap : open, cap };
}

function accountQuery(
  place: CuriePlace,
  { baseToken }: CuriePlace["markets"][number],
  account: Address,
  at: At,
): Query<AccountState | undefined> {
  const [who, base] = [toWord(account), toWord(baseToken)];
  return {
    reads: [
      callRead(place.vault, at, read.accountValue, who),
      callRead(place.accountBalance, at, read.margin, who),
      callRead(place.accountBalance, at, read.positionSize, who, base),
      callRead(place.accountBalance, at, read.markPrice, base),
    ],
    decode([value, margin, held, mark]) {
      const [worth, required, size, price] = [intOf(value), intOf(margin), intOf(held), uintOf(mark)];
      if (worth === undefined || required === undefined || size === undefined || price === undefined) return undefined;
      return {
        collateral: wadOf(worth, place.decimals ?? 6),
        required,
        exposure: mulWad(size, price),
        requiredExposure: required,
        size,
        debt: 0n,
      };
    },
  };
}

function rulesOf(place: CuriePlace, nameOf: ReadonlyMap<Address, string>): Map<string, LogRule> {
  const { clearingHouse, vault } = place;
  const inMarket =
    (rule: (market: string, account: Address, log: LogFields, said: ProtocolEvent[]) => ReturnType<LogRule>): LogRule =>
    (log, said) => {
      const [account, base] = [log.addressTopic(1), log.addressTopic(2)];
      const market = base === undefined ? undefined : nameOf.get(base);
      return account === undefined || market === undefined ? undefined : rule(market, account, log, said);
    };
  return new Map<string, LogRule>([
    [ruleKey(clearingHouse, topics.positionChanged), inMarket(positionChanged)],
    [ruleKey(clearingHouse, topics.liquidityChanged), inMarket(liquidityChanged)],
    [ruleKey(clearingHouse, topics.liquidated), inMarket(liquidated)],
    [ruleKey(vault, topics.deposited), collateralMoved(place, 1n)],
    [ruleKey(vault, topics.withdrawn), collateralMoved(place, -1n)],
  ]);
}

function positionChanged(market: string, account: Address, log: LogFields, said: ProtocolEvent[]) {
  const [size, notional] = [log.int(0), log.int(1)];
  if (size === undefined || notional === undefined || size === 0n) return undefined;
  // Taking an order away settles what others had bought and sold from it, at their prices.
  const isMaker = said.some((e) => e.kind === "quote" && e.account === account && e.liquidity < 0n);
  const price = divWad(absolute(notional), absolute(size));
  return {
    kind: "trade",
    market,
    account,
    size,
    price,
    role: isMaker ? "maker" : "taker",
    logIndex: log.index,
  } as const;
}

function liquidityChanged(market: string, account: Address, log: LogFields, said: ProtocolEvent[]) {
  const [lower, upper, liquidity] = [log.int(0), log.int(1), log.int(4)];
  if (lower === undefined || upper === undefined || liquidity === undefined) return undefined;
  if (liquidity < 0n) markMaker(said, account);
  return {
    kind: "quote",
    market,
    account,
    lower: priceOfTick(lower),
    upper: priceOfTick(upper),
    liquidity,
    logIndex: log.index,
  } as const;
}

// The fill may stand before the word that an order was taken away, too.
function markMaker(said: ProtocolEvent[], account: Address): void {
  said.forEach((event, i) => {
    if (event.kind === "trade" && event.account === account && event.role === "taker")
      said[i] = { ...event, role: "maker" };
  });
}

// The liquidator takes the position over, at a discount: neither side is a taker of its own will.
function liquidated(market: string, account: Address, log: LogFields, said: ProtocolEvent[]) {
  const [notional, by] = [log.uint(0), log.addressWord(3)];
  if (notional === undefined || by === undefined) return undefined;
  said.forEach((event, i) => {
    if (event.kind === "trade" && event.market === market && (event.account === account || event.account === by))
      said[i] = { ...event, role: "liquidation" };
  });
  return { kind: "liquidation", market, account, by, notional, logIndex: log.index } as const;
}

function collateralMoved({ markets, decimals }: CuriePlace, sign: 1n | -1n): LogRule {
  return (log) => {
    const [account, amount] = [log.addressTopic(2), log.uint(0)];
    if (account === undefined || amount === undefined) return undefined;
    const moved = sign * wadOf(amount, decimals ?? 6);
    return markets.map(({ name }) => ({
      kind: "collateral" as const,
      market: name,
      account,
      amount: moved,
      logIndex: log.index,
    }));
  };
}

// The fund and the vault have accounts of their own, which nobody trades for.
function withoutHouse({ insuranceFund, vault }: CuriePlace, events: readonly ProtocolEvent[]): ProtocolEvent[] {
  return events.filter(({ account }) => account !== insuranceFund && account !== vault);
}

// A range is compared with prices, never paid by: a float is exact enough.
function priceOfTick(tick: bigint): bigint {
  const price = 1.0001 ** Number(tick);
  return price < 1e6 ? BigInt(Math.round(price * 1e9)) * 10n ** 9n : BigInt(Math.round(price)) * 10n ** 18n;
}
