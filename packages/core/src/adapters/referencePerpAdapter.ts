import { z } from "zod";
import type { Address, Hex } from "../model/Hex.ts";
import { toWord } from "../model/Hex.ts";
import type { FundingBounds, PerpAdapter, PerpMarket } from "../model/PerpAdapter.ts";
import type { AccountState } from "../model/ProtocolAdapter.ts";
import type { ProtocolEvent } from "../model/ProtocolEvent.ts";
import { callRead, intOf, type Query, uintOf } from "../model/Query.ts";
import { numberOf, type Reading, readOf } from "../model/Reading.ts";
import type { At, StateAnswer, StateRead } from "../model/StateRead.ts";
import { eventTopic, functionSelector, mappingSlot } from "../model/signatureHash.ts";
import { fundingStep, valueDown } from "../risk/PerpMath.ts";
import { type LogRule, readLogs, ruleKey } from "./LogReader.ts";
import { marketsOf, placeAddress, placeWord, readPlace } from "./readPlace.ts";
import { absolute, mulWad, wadOf } from "./scaled.ts";

/** Where a ReferencePerp and its modules stand. */
export interface ReferencePerpPlace {
  readonly name?: string;
  readonly perp: Address;
  readonly oracle: Address;
  readonly parameters: Address;
  readonly fund: Address;
  /** Decimals of the collateral. */
  readonly decimals: number;
  readonly markets: readonly { readonly name: string; readonly id: Hex; readonly reference?: Reading }[];
  /** What a fill pays the makers; for the limit of execution. Default 0: the impact is in the price. */
  readonly feeBps?: number;
}

const shape = z.looseObject({
  perp: placeAddress,
  oracle: placeAddress,
  parameters: placeAddress,
  fund: placeAddress,
  markets: marketsOf({ id: placeWord }),
});

const read = {
  tryPrice: functionSelector("tryPrice(bytes32)"),
  openInterest: functionSelector("openInterest(bytes32)"),
  limitsOf: functionSelector("limitsOf(bytes32)"),
  marketLeft: functionSelector("marketLeft(bytes32)"),
  accountHealth: functionSelector("accountHealth(address,bytes32)"),
  positionOf: functionSelector("positionOf(address,bytes32)"),
};
const topics = {
  marginMoved: eventTopic("MarginMoved(address,bytes32,int256)"),
  filled: eventTopic("Filled(address,bytes32,int256,uint256,int256)"),
  liquidated: eventTopic("Liquidated(address,bytes32,address,int256,uint256)"),
  deleveraged: eventTopic("Deleveraged(address,bytes32,int256)"),
};
// `_books` is the first variable; in a book the funding index is the fifth word and its time the sixth. There is no getter.
const booksSlot = 0n;
const indexWord = 4n;
const accruedWord = 5n;

/**
 * The adapter of a ReferencePerp, the exchange that embeds our own modules. Its funding index follows a closed formula, so
 * that detector 12 judges conservation to the unit. `reference` is an independent feed; without one the oracle's own price
 * stands for it, and execution is judged against that.
 */
export function referencePerpAdapter(given: ReferencePerpPlace): PerpAdapter {
  const place = readPlace("referencePerpAdapter", shape, given);
  const idOf = new Map(place.markets.map(({ name, id }) => [name, id]));
  const nameOf = new Map(place.markets.map(({ name, id }) => [id, name]));
  const referenceOf = new Map(place.markets.map(({ name, reference }) => [name, reference]));
  const rules = rulesOf(place, nameOf);
  return {
    kind: "perp",
    name: place.name ?? "ReferencePerp",
    subject: place.perp,
    markets: place.markets.map(({ name }) => name),
    terms: { feeBps: place.feeBps ?? 0 },
    market: (market, at) => marketQuery(place, idOf.get(market)!, referenceOf.get(market), at),
    account: (market, account, at) => accountQuery(place, idOf.get(market)!, account, at),
    events: (view) => readLogs(view, rules),
    worth: (_, { price, reference }) => ({ value: reference ?? price, unit: reference ?? price }),
    fundingBounds: (_, before, after) => boundsOf(place.decimals, before, after),
  };
}

function bookRead(perp: Address, id: Hex, word: bigint, at: At): StateRead {
  return { kind: "slot", at, address: perp, slot: `0x${toWord(mappingSlot(id, booksSlot) + word)}` };
}

function marketQuery(
  { perp, oracle, parameters, fund, decimals }: ReferencePerpPlace,
  id: Hex,
  reference: Reading | undefined,
  at: At,
): Query<PerpMarket | undefined> {
  const key = id.slice(2);
  return {
    reads: [
      callRead(oracle, at, read.tryPrice, key),
      callRead(perp, at, read.openInterest, key),
      callRead(parameters, at, read.limitsOf, key),
      callRead(fund, at, read.marketLeft, key),
      bookRead(perp, id, indexWord, at),
      bookRead(perp, id, accruedWord, at),
      ...(reference === undefined ? [] : [readOf(reference, at)]),
    ],
    decode([priced, interest, limits, left, index, accrued, feed]) {
      const price = uintOf(priced, 0) === 1n ? uintOf(priced, 1) : undefined;
      const [long, short] = [uintOf(interest, 0), uintOf(interest, 1)];
      if (price === undefined || price === 0n || long === undefined || short === undefined) return undefined;
      const [depth, cap, scale] = [uintOf(limits, 1), uintOf(limits, 4), uintOf(limits, 5)];
      const toWad = (amount: bigint | undefined) => (amount === undefined ? undefined : wadOf(amount, decimals));
      return {
        price,
        reference: referenceOf(reference, feed) ?? price,
        long,
        short,
        // Depth is the notional that moves the price by all of itself; beyond 10^30 it stands for none.
        depth: depth === undefined || depth > 10n ** 30n ? undefined : toWad(depth / 50n),
        fund: toWad(uintOf(left)),
        accruedAt: uintOf(accrued),
        funding:
          cap === undefined || scale === undefined || scale === 0n
            ? undefined
            : {
                rate: rateOf(long - short, price, wadOf(scale, decimals), cap),
                cap,
                scale: toWad(scale),
                cumulative: intOf(index),
              },
      };
    },
  };
}

function referenceOf(reading: Reading | undefined, answer: StateAnswer | undefined): bigint | undefined {
  const price = reading === undefined ? undefined : numberOf(reading, answer);
  return price === undefined || !(price > 0) ? undefined : BigInt(Math.round(price * 1e9)) * 10n ** 9n;
}

function rateOf(skew: bigint, price: bigint, scale: bigint, cap: bigint): bigint {
  const notional = absolute(mulWad(skew, price));
  const rate = ((notional < scale ? notional : scale) * cap) / scale;
  return skew < 0n ? -rate : rate;
}

// The exchange brings the index to now at a block's first deal, by the skew that stood before and the price of that moment:
// the parent's or this block's.
function boundsOf(decimals: number, before: PerpMarket, after: PerpMarket): FundingBounds | undefined {
  if (!before.accruedAt || !after.accruedAt) return undefined;
  const seconds = after.accruedAt - before.accruedAt;
  if (seconds === 0n) return { least: 0n, most: 0n };
  const unit = 10n ** BigInt(36 - decimals);
  const skew = before.long! - before.short!;
  const steps = [before, after].flatMap(({ price }) =>
    [before, after].map(({ funding }) => {
      const scale = funding!.scale! / 10n ** BigInt(18 - decimals);
      return fundingStep(valueDown(skew, price, unit), scale, funding!.cap!, price, seconds);
    }),
  );
  return {
    least: steps.reduce((a, b) => (b < a ? b : a)),
    most: steps.reduce((a, b) => (b > a ? b : a)),
  };
}

function accountQuery(
  { perp, oracle, decimals }: ReferencePerpPlace,
  id: Hex,
  account: Address,
  at: At,
): Query<AccountState | undefined> {
  const args = [toWord(account), id.slice(2)];
  return {
    reads: [
      callRead(perp, at, read.accountHealth, ...args),
      callRead(perp, at, read.positionOf, ...args),
      callRead(oracle, at, read.tryPrice, id.slice(2)),
      bookRead(perp, id, indexWord, at),
    ],
    decode([health, position, priced, index]) {
      const [excess, counted] = [intOf(health, 0), intOf(health, 1)];
      const [size, cost, settled, margin] = [
        intOf(position, 0),
        intOf(position, 1),
        intOf(position, 2),
        uintOf(position, 3),
      ];
      const [price, funded] = [uintOf(priced, 1), intOf(index)];
      if (excess === undefined || counted === undefined || size === undefined || margin === undefined) return undefined;
      if (cost === undefined || settled === undefined || price === undefined || funded === undefined) return undefined;
      const owed = mulWad(size, funded - settled);
      // Not what the parameters count of a gain, which is bent, but what the position is worth, which is straight.
      const collateral = wadOf(margin - cost, decimals) + mulWad(size, price) - owed;
      const required = wadOf(counted - excess, decimals);
      return { collateral, required, exposure: mulWad(size, price), requiredExposure: required, size, debt: 0n };
    },
  };
}

function rulesOf({ perp, decimals }: ReferencePerpPlace, nameOf: ReadonlyMap<Hex, string>): Map<string, LogRule> {
  const at = (topic: Hex, rule: (market: string, account: Address) => LogRule): [string, LogRule] => [
    ruleKey(perp, topic),
    (log, said) => {
      const [market, account] = [nameOf.get(log.topic(2) ?? "0x"), log.addressTopic(1)];
      return market === undefined || account === undefined ? undefined : rule(market, account)(log, said);
    },
  ];
  return new Map([
    at(topics.marginMoved, (market, account) => (log) => {
      const amount = log.int(0);
      if (amount === undefined) return undefined;
      return { kind: "collateral", market, account, amount: wadOf(amount, decimals), logIndex: log.index };
    }),
    at(topics.filled, (market, account) => (log) => {
      const [size, price] = [log.int(0), log.uint(1)];
      if (size === undefined || price === undefined) return undefined;
      return { kind: "trade", market, account, size, price, role: "taker", logIndex: log.index };
    }),
    at(topics.deleveraged, (market, account) => (log) => {
      const size = log.int(0);
      // The event names no price: the fill is not judged.
      return size === undefined
        ? undefined
        : { kind: "trade", market, account, size, price: 0n, role: "deleverage", logIndex: log.index };
    }),
    at(topics.liquidated, (market, account) => (log, said) => {
      const [by, size] = [log.addressTopic(3), log.int(0)];
      if (by === undefined || size === undefined) return undefined;
      const price = markForced(said, market, account);
      return { kind: "liquidation", market, account, by, notional: absolute(mulWad(size, price)), logIndex: log.index };
    }),
  ]);
}

// The fill comes first, the word that it was forced after it.
function markForced(said: ProtocolEvent[], market: string, account: Address): bigint {
  const at = said.findLastIndex((e) => e.kind === "trade" && e.market === market && e.account === account);
  const trade = said[at];
  if (trade?.kind !== "trade") return 0n;
  said[at] = { ...trade, role: "liquidation" };
  return trade.price;
}
