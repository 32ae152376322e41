import { z } from "zod";
import { type Address, type Hex, toWord } from "../model/Hex.ts";
import type { LendingAdapter, LendingMarket } from "../model/LendingAdapter.ts";
import type { AccountState } from "../model/ProtocolAdapter.ts";
import type { ProtocolEvent } from "../model/ProtocolEvent.ts";
import { callRead, type Query, uintOf } from "../model/Query.ts";
import type { At, StateAnswer } from "../model/StateRead.ts";
import { eventTopic, functionSelector } from "../model/signatureHash.ts";
import { type LogFields, type LogRule, readLogs, ruleKey } from "./LogReader.ts";
import { marketsOf, placeAddress, readPlace } from "./readPlace.ts";
import { divWad, mulWad, wadOf } from "./scaled.ts";

/** What secures and what is owed: one reserve of each. */
export interface AaveMarketPlace {
  readonly name: string;
  readonly collateral: Address;
  readonly collateralDecimals: number;
  /** The collateral reserve's aToken. */
  readonly aToken: Address;
  readonly debt: Address;
  readonly debtDecimals: number;
  /** The collateral is the protocol's own token, or a share in what lends here. */
  readonly isOwn?: boolean;
}

/** Where Aave, or a fork of it, stands, and which of its reserves are watched. */
export interface AavePlace {
  readonly name?: string;
  /** `Pool` of v3, `LendingPool` of v2. */
  readonly pool: Address;
  /** What `getPriceOracle()` of the addresses' provider names. */
  readonly oracle: Address;
  readonly markets: readonly AaveMarketPlace[];
}

const shape = z.looseObject({
  pool: placeAddress,
  oracle: placeAddress,
  markets: marketsOf({ collateral: placeAddress, aToken: placeAddress, debt: placeAddress }),
});

const read = {
  price: functionSelector("getAssetPrice(address)"),
  configuration: functionSelector("getConfiguration(address)"),
  account: functionSelector("getUserAccountData(address)"),
  usage: functionSelector("getUserConfiguration(address)"),
  reserve: functionSelector("getReserveData(address)"),
  balance: functionSelector("balanceOf(address)"),
  totalSupply: functionSelector("totalSupply()"),
};
const topics = {
  supply: ["Supply(address,address,address,uint256,uint16)", "Deposit(address,address,address,uint256,uint16)"],
  withdraw: ["Withdraw(address,address,address,uint256)"],
  borrow: [
    "Borrow(address,address,address,uint256,uint8,uint256,uint16)",
    "Borrow(address,address,address,uint256,uint256,uint256,uint16)",
  ],
  repay: ["Repay(address,address,address,uint256,bool)", "Repay(address,address,address,uint256)"],
  liquidation: ["LiquidationCall(address,address,address,uint256,uint256,address,bool)"],
};
const transfer = "Transfer(address,address,uint256)";
const zeroTopic: Hex = `0x${"0".repeat(64)}`;
const bps = 10n ** 14n;

/**
 * The adapter of Aave v3 and v2 and of what was copied from them. A market is a reserve that secures and one that is owed; prices, debts and
 * collateral are in units of the latter, by Aave's own oracle. An account is one over all its reserves: its collateral and debt are
 * those of all of them, and of its collateral that of the market moves with the market's price. Name one market for each
 * collateral, or an account is counted twice. Debt beyond the collateral is the lenders': `fund` is 0. Source: Aave's `Pool`,
 * `AaveOracle` and `ReserveConfiguration` (bits 16 to 31: the threshold of liquidation).
 */
export function aaveAdapter(given: AavePlace): LendingAdapter {
  const place = readPlace("aaveAdapter", shape, given);
  const marketOf = new Map(place.markets.map((market) => [market.name, market]));
  const rules = rulesOf(place);
  return {
    kind: "lending",
    name: place.name ?? "Aave",
    subject: place.pool,
    markets: place.markets.map(({ name }) => name),
    ownCollateral: place.markets.filter(({ isOwn }) => isOwn).map(({ name }) => name),
    market: (market, at) => marketQuery(place, marketOf.get(market)!, at),
    account: (market, account, at) => accountQuery(place, marketOf.get(market)!, account, at),
    events: (view) => readLogs(view, rules),
    worth: () => undefined,
  };
}

function pricesAt({ oracle }: AavePlace, { collateral, debt }: AaveMarketPlace, at: At) {
  return [collateral, debt].map((asset) => callRead(oracle, at, read.price, toWord(asset)));
}

function marketQuery(place: AavePlace, market: AaveMarketPlace, at: At): Query<LendingMarket | undefined> {
  return {
    reads: [
      ...pricesAt(place, market, at),
      callRead(place.pool, at, read.configuration, toWord(market.collateral)),
      callRead(market.collateral, at, read.totalSupply),
    ],
    decode([collateral, debt, configured, supplied]) {
      const [secures, owed, configuration] = [uintOf(collateral), uintOf(debt), uintOf(configured)];
      if (!secures || !owed || configuration === undefined) return undefined;
      const supply = uintOf(supplied);
      return {
        price: divWad(secures, owed),
        fund: 0n,
        liquidationLtv: thresholdIn(configuration >> 16n),
        collateralSupply: supply === undefined ? undefined : wadOf(supply, market.collateralDecimals),
      };
    },
  };
}

function thresholdIn(word: bigint): bigint {
  return (word & 0xffffn) * bps;
}

/**
 * Whether what an account has of the reserve is among its collateral: the reserve may be (bits 16 to 31), and the account said so (`usage`,
 * two bits a reserve by its number). The reserve's number stands before its aToken on v3 and at the end on v2; where it stands at neither
 * place it is taken to be.
 */
function isSecuring(reserve: StateAnswer | undefined, usage: StateAnswer | undefined, aToken: Address): boolean {
  const configuration = uintOf(reserve);
  if (configuration !== undefined && thresholdIn(configuration >> 16n) === 0n) return false;
  const isAt = (word: number) => uintOf(reserve, word) === BigInt(aToken);
  const id = isAt(8) ? uintOf(reserve, 7) : isAt(7) ? uintOf(reserve, 11) : undefined;
  const used = uintOf(usage);
  if (id === undefined || used === undefined) return true;
  return ((used >> (2n * (id & 0x7fn) + 1n)) & 1n) === 1n;
}

function accountQuery(
  place: AavePlace,
  market: AaveMarketPlace,
  account: Address,
  at: At,
): Query<AccountState | undefined> {
  return {
    reads: [
      callRead(place.pool, at, read.account, toWord(account)),
      callRead(market.aToken, at, read.balance, toWord(account)),
      ...pricesAt(place, market, at),
      callRead(place.pool, at, read.reserve, toWord(market.collateral)),
      callRead(place.pool, at, read.usage, toWord(account)),
    ],
    decode([sums, held, secures, owed, reserve, usage]) {
      const [all, debts, threshold] = [uintOf(sums, 0), uintOf(sums, 1), uintOf(sums, 3)];
      const [balance, price, unit] = [uintOf(held), uintOf(secures), uintOf(owed)];
      if (all === undefined || debts === undefined || threshold === undefined) return undefined;
      if (balance === undefined || price === undefined || !unit) return undefined;
      // Sums and prices share their decimals (8 on v3, 18 on v2), so that a quotient of two is in WAD.
      const [collateral, debt] = [divWad(all, unit), divWad(debts, unit)];
      const size = wadOf(balance, market.collateralDecimals);
      const worth = mulWad(size, divWad(price, unit));
      // A balance that the account does not use as collateral secures nothing and moves nothing.
      const used = isSecuring(reserve, usage, market.aToken) ? worth : 0n;
      const exposure = used < collateral ? used : collateral;
      const required = threshold === 0n ? debt : divWad(debt, threshold * bps);
      return { collateral, required, exposure, requiredExposure: 0n, size, debt };
    },
  };
}

type Fact = (market: AaveMarketPlace, log: LogFields) => ProtocolEvent | undefined;

function rulesOf({ pool, markets }: AavePlace): Map<string, LogRule> {
  const rule = (emitter: Address, signatures: readonly string[], fact: Fact): [string, LogRule][] =>
    signatures.map((signature) => [
      ruleKey(emitter, eventTopic(signature)),
      (log) => markets.flatMap((market) => fact(market, log) ?? []),
    ]);
  const sent = markets.map((market): [string, LogRule] => [
    ruleKey(market.aToken, eventTopic(transfer)),
    sentOf(market),
  ]);
  return new Map([
    ...rule(
      pool,
      topics.supply,
      moved("collateral", 1n, (log) => [log.addressTopic(2), log.uint(1), log.addressWord(0)]),
    ),
    ...rule(
      pool,
      topics.withdraw,
      moved("collateral", -1n, (log) => [log.addressTopic(2), log.uint(0), log.addressTopic(2)]),
    ),
    ...rule(
      pool,
      topics.borrow,
      moved("debt", 1n, (log) => [log.addressTopic(2), log.uint(1), log.addressWord(0)]),
    ),
    ...rule(
      pool,
      topics.repay,
      moved("debt", -1n, (log) => [log.addressTopic(2), log.uint(0), log.addressTopic(3)]),
    ),
    ...rule(pool, topics.liquidation, liquidated),
    ...sent,
  ]);
}

type Told = readonly [account: Address | undefined, amount: bigint | undefined, by: Address | undefined];

function moved(kind: "collateral" | "debt", sign: 1n | -1n, told: (log: LogFields) => Told): Fact {
  return (market, log) => {
    const [account, amount, by] = told(log);
    if (log.addressTopic(1) !== market[kind] || account === undefined || amount === undefined || by === undefined)
      return undefined;
    const decimals = kind === "collateral" ? market.collateralDecimals : market.debtDecimals;
    return { kind, market: market.name, account, amount: sign * wadOf(amount, decimals), by, logIndex: log.index };
  };
}

function liquidated(market: AaveMarketPlace, log: LogFields): ProtocolEvent | undefined {
  const [account, repaid, by] = [log.addressTopic(3), log.uint(0), log.addressWord(2)];
  if (log.addressTopic(1) !== market.collateral || log.addressTopic(2) !== market.debt) return undefined;
  if (account === undefined || repaid === undefined || by === undefined) return undefined;
  const notional = wadOf(repaid, market.debtDecimals);
  return { kind: "liquidation", market: market.name, account, by, notional, logIndex: log.index };
}

/** A claim on the collateral that is sent on goes with it; what is made or burnt the pool tells itself. */
function sentOf(market: AaveMarketPlace): LogRule {
  return (log) => {
    const [from, to, amount] = [log.addressTopic(1), log.addressTopic(2), log.uint(0)];
    if (from === undefined || to === undefined || amount === undefined) return undefined;
    if (log.topic(1) === zeroTopic || log.topic(2) === zeroTopic) return undefined;
    const size = wadOf(amount, market.collateralDecimals);
    const move = { kind: "collateral", market: market.name, by: from, logIndex: log.index } as const;
    return [
      { ...move, account: from, amount: -size },
      { ...move, account: to, amount: size },
    ];
  };
}
