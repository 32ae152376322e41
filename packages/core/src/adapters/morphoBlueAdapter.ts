import { z } from "zod";
import { type Address, type Hex, toWord } from "../model/Hex.ts";
import type { LendingAdapter, LendingMarket } from "../model/LendingAdapter.ts";
import type { AccountState } from "../model/ProtocolAdapter.ts";
import { callRead, type Query, uintOf } from "../model/Query.ts";
import type { At } from "../model/StateRead.ts";
import { eventTopic, functionSelector } from "../model/signatureHash.ts";
import { type LogRule, readLogs, ruleKey } from "./LogReader.ts";
import { marketsOf, placeAddress, placeWord, readPlace } from "./readPlace.ts";
import { divWad, mulWad, wadOf } from "./scaled.ts";

/** One market of Morpho Blue, as its parameters say. */
export interface MorphoMarketPlace {
  readonly name: string;
  readonly id: Hex;
  readonly oracle: Address;
  readonly collateralToken: Address;
  readonly loanDecimals: number;
  readonly collateralDecimals: number;
  /** LLTV in WAD. */
  readonly lltv: bigint;
  /** The collateral is the protocol's own token, or a share in what lends here. */
  readonly isOwn?: boolean;
}

/** Where Morpho Blue stands, and which of its markets are watched. */
export interface MorphoBluePlace {
  readonly name?: string;
  readonly morpho: Address;
  readonly markets: readonly MorphoMarketPlace[];
}

const shape = z.looseObject({
  morpho: placeAddress,
  markets: marketsOf({ id: placeWord, oracle: placeAddress, collateralToken: placeAddress }),
});

const read = {
  market: functionSelector("market(bytes32)"),
  position: functionSelector("position(bytes32,address)"),
  price: functionSelector("price()"),
  totalSupply: functionSelector("totalSupply()"),
};
const topics = {
  supplyCollateral: eventTopic("SupplyCollateral(bytes32,address,address,uint256)"),
  withdrawCollateral: eventTopic("WithdrawCollateral(bytes32,address,address,address,uint256)"),
  borrow: eventTopic("Borrow(bytes32,address,address,address,uint256,uint256)"),
  repay: eventTopic("Repay(bytes32,address,address,uint256,uint256)"),
  liquidate: eventTopic("Liquidate(bytes32,address,address,uint256,uint256,uint256,uint256,uint256)"),
};

/**
 * The adapter of Morpho Blue. There is no insurance fund: any debt beyond the collateral is the lenders', so that `fund` is
 * 0. Debt is as of the market's last accrual. The price is the market's own oracle's, in the loan token for one collateral.
 */
export function morphoBlueAdapter(given: MorphoBluePlace): LendingAdapter {
  const place = readPlace("morphoBlueAdapter", shape, given);
  const marketOf = new Map(place.markets.map((market) => [market.name, market]));
  const rules = rulesOf(place);
  return {
    kind: "lending",
    name: place.name ?? "Morpho Blue",
    subject: place.morpho,
    markets: place.markets.map(({ name }) => name),
    ownCollateral: place.markets.filter(({ isOwn }) => isOwn).map(({ name }) => name),
    market: (market, at) => marketQuery(marketOf.get(market)!, at),
    account: (market, account, at) => accountQuery(place.morpho, marketOf.get(market)!, account, at),
    events: (view) => readLogs(view, rules),
    worth: () => undefined,
  };
}

function marketQuery(market: MorphoMarketPlace, at: At): Query<LendingMarket | undefined> {
  return {
    reads: [callRead(market.oracle, at, read.price), callRead(market.collateralToken, at, read.totalSupply)],
    decode([priced, supplied]) {
      const price = priceOf(market, uintOf(priced));
      if (price === undefined || price === 0n) return undefined;
      const supply = uintOf(supplied);
      return {
        price,
        fund: 0n,
        liquidationLtv: market.lltv,
        collateralSupply: supply === undefined ? undefined : wadOf(supply, market.collateralDecimals),
      };
    },
  };
}

// Morpho's oracles answer with 36 decimals, those of the loan more and of the collateral fewer.
function priceOf({ loanDecimals, collateralDecimals }: MorphoMarketPlace, raw: bigint | undefined): bigint | undefined {
  return raw === undefined ? undefined : wadOf(raw, 36 + loanDecimals - collateralDecimals);
}

function accountQuery(
  morpho: Address,
  market: MorphoMarketPlace,
  account: Address,
  at: At,
): Query<AccountState | undefined> {
  const id = market.id.slice(2);
  return {
    reads: [
      callRead(morpho, at, read.position, id, toWord(account)),
      callRead(morpho, at, read.market, id),
      callRead(market.oracle, at, read.price),
    ],
    decode([position, totals, priced]) {
      const [shares, held] = [uintOf(position, 1), uintOf(position, 2)];
      const [lent, lentShares] = [uintOf(totals, 2), uintOf(totals, 3)];
      const price = priceOf(market, uintOf(priced));
      if (shares === undefined || held === undefined || lent === undefined || lentShares === undefined)
        return undefined;
      if (price === undefined) return undefined;
      // As Morpho counts a debt, with its virtual asset and shares, rounded up.
      const debt = shares === 0n ? 0n : (shares * (lent + 1n) + lentShares + 999_999n) / (lentShares + 1_000_000n);
      const size = wadOf(held, market.collateralDecimals);
      const [collateral, owed] = [mulWad(size, price), wadOf(debt, market.loanDecimals)];
      const required = divWad(owed, market.lltv);
      return { collateral, required, exposure: collateral, requiredExposure: 0n, size, debt: owed };
    },
  };
}

function rulesOf({ morpho, markets }: MorphoBluePlace): Map<string, LogRule> {
  const byId = new Map(markets.map((market) => [market.id, market]));
  type Fact = (market: MorphoMarketPlace, ...rest: Parameters<LogRule>) => ReturnType<LogRule>;
  const at = (topic: Hex, fact: Fact): [string, LogRule] => [
    ruleKey(morpho, topic),
    (log, said) => {
      const market = byId.get(log.topic(1) ?? "0x");
      return market === undefined ? undefined : fact(market, log, said);
    },
  ];
  // `place` says which topic or word names whom; the amount is the word `word`.
  const moved =
    (kind: "collateral" | "debt", sign: 1n | -1n, owner: 2 | 3, word: 0 | 1, byTopic: boolean): Fact =>
    (market, log) => {
      const [account, amount] = [log.addressTopic(owner), log.uint(word)];
      const by = byTopic ? log.addressTopic(2) : log.addressWord(0);
      if (account === undefined || amount === undefined || by === undefined) return undefined;
      const decimals = kind === "collateral" ? market.collateralDecimals : market.loanDecimals;
      return { kind, market: market.name, account, amount: sign * wadOf(amount, decimals), by, logIndex: log.index };
    };
  return new Map([
    at(topics.supplyCollateral, moved("collateral", 1n, 3, 0, true)),
    at(topics.withdrawCollateral, moved("collateral", -1n, 2, 1, false)),
    at(topics.borrow, moved("debt", 1n, 2, 1, false)),
    at(topics.repay, moved("debt", -1n, 3, 0, true)),
    at(topics.liquidate, (market, log) => {
      const [by, account, repaid] = [log.addressTopic(2), log.addressTopic(3), log.uint(0)];
      if (by === undefined || account === undefined || repaid === undefined) return undefined;
      const notional = wadOf(repaid, market.loanDecimals);
      return { kind: "liquidation", market: market.name, account, by, notional, logIndex: log.index };
    }),
  ]);
}
