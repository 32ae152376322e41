import { z } from "zod";
import { type Address, toWord } from "../model/Hex.ts";
import type { OptionsMarket, OptionsVaultAdapter } from "../model/OptionsVaultAdapter.ts";
import type { AccountState, Worth } from "../model/ProtocolAdapter.ts";
import type { Trade } from "../model/ProtocolEvent.ts";
import { callRead, type Query, uintOf } from "../model/Query.ts";
import { numberOf, type Reading, readOf } from "../model/Reading.ts";
import type { At } from "../model/StateRead.ts";
import { eventTopic, functionSelector } from "../model/signatureHash.ts";
import { type LogRule, readLogs, ruleKey } from "./LogReader.ts";
import { placeAddress, readPlace } from "./readPlace.ts";
import { wadOf } from "./scaled.ts";

/** Where a vault that sells covered calls stands. */
export interface CoveredCallPlace {
  readonly name?: string;
  readonly vault: Address;
  /** Decimals of the underlying; premiums and payoffs are told in WAD. */
  readonly underlyingDecimals: number;
  /** A price of the underlying that the vault's oracle does not follow within a block. */
  readonly reference?: Reading;
  /** The least volatility, a year, that an option is held to be worth; default 0.3. Time value below it is nobody's gift. */
  readonly leastVolatility?: number;
  readonly feeBps?: number;
}

const shape = z.looseObject({ vault: placeAddress });

const read = {
  spotWad: functionSelector("spotWad()"),
  series: functionSelector("series()"),
  totalUnderlying: functionSelector("totalUnderlying()"),
  optionsOf: functionSelector("optionsOf(address)"),
};
const topics = {
  deposited: eventTopic("Deposited(address,uint256,uint256)"),
  withdrawn: eventTopic("Withdrawn(address,uint256,uint256)"),
  bought: eventTopic("OptionBought(address,uint256,uint256)"),
  exercised: eventTopic("Exercised(address,uint256,uint256)"),
};
const market = "calls";
const yearSeconds = 31_536_000;
// 1/√(2π): an option at the money is worth this much of σ·√T of the price (Brenner and Subrahmanyam 1988).
const atTheMoney = 0.3989422804014327;

/**
 * The adapter of a covered-call vault: `spotWad`, `series` (strike, expiry, outstanding, settled price), `totalUnderlying`
 * and `optionsOf` are its views. The vault is an account that has put up all its underlying and must have one for each
 * option outstanding. A premium is held against payoff and least time value at the reference price, a payoff against the
 * payoff at the reference price; both as a share of the underlying's.
 */
export function coveredCallAdapter(given: CoveredCallPlace): OptionsVaultAdapter {
  const place = readPlace("coveredCallAdapter", shape, given);
  const rules = rulesOf(place);
  const volatility = place.leastVolatility ?? 0.3;
  return {
    kind: "options",
    name: place.name ?? "Covered calls",
    subject: place.vault,
    markets: [market],
    terms: { feeBps: place.feeBps ?? 0 },
    market: (_, at) => marketQuery(place, at),
    account: (_, account, at) => accountQuery(place, account, at),
    events: (view) => readLogs(view, rules),
    worth: (trade, state) => worthOf(trade, state, volatility),
  };
}

function marketQuery(place: CoveredCallPlace, at: At): Query<OptionsMarket | undefined> {
  const { vault, reference } = place;
  return {
    reads: [
      callRead(vault, at, read.spotWad),
      callRead(vault, at, read.series),
      ...(reference === undefined ? [] : [readOf(reference, at)]),
    ],
    decode([spot, series, feed]) {
      const [price, strike, expiry] = [uintOf(spot), uintOf(series, 0), uintOf(series, 1)];
      const [outstanding, now] = [uintOf(series, 2), uintOf(series, 4)];
      if (!price || strike === undefined || expiry === undefined || outstanding === undefined || now === undefined)
        return undefined;
      const independent = reference === undefined ? undefined : numberOf(reference, feed);
      return {
        price,
        reference:
          independent === undefined || !(independent > 0) ? price : BigInt(Math.round(independent * 1e9)) * 10n ** 9n,
        strike,
        expiry,
        now,
        outstanding: wadOf(outstanding, place.underlyingDecimals),
      };
    },
  };
}

function accountQuery(place: CoveredCallPlace, account: Address, at: At): Query<AccountState | undefined> {
  const { vault, underlyingDecimals } = place;
  const isVault = account === vault;
  return {
    reads: isVault
      ? [callRead(vault, at, read.totalUnderlying), callRead(vault, at, read.series)]
      : [callRead(vault, at, read.optionsOf, toWord(account))],
    decode([first, series]) {
      const amount = uintOf(first);
      if (amount === undefined) return undefined;
      const held = wadOf(amount, underlyingDecimals);
      // In units of the underlying on both sides, so that no price moves the ratio of a covered call.
      const none = { exposure: 0n, requiredExposure: 0n, debt: 0n };
      if (!isVault) return { ...none, collateral: 0n, required: 0n, size: held };
      const owed = wadOf(uintOf(series, 2) ?? 0n, underlyingDecimals);
      return { ...none, collateral: held, required: owed, size: 0n };
    },
  };
}

function worthOf(trade: Trade, state: OptionsMarket, volatility: number): Worth | undefined {
  const reference = state.reference ?? state.price;
  const payoff = reference > state.strike ? reference - state.strike : 0n;
  if (trade.role !== "taker") return { value: payoff, unit: reference };
  const years = Math.max(0, Number(state.expiry - state.now)) / yearSeconds;
  const distance = Math.abs(Math.log(Number(state.strike) / Number(reference)));
  const width = volatility * Math.sqrt(years);
  const share = width > 0 ? atTheMoney * width * Math.exp(-0.5 * (distance / width) ** 2) * bend(distance / width) : 0;
  return { value: payoff + (reference * BigInt(Math.round(share * 1e12))) / 10n ** 12n, unit: reference };
}

// Time value is φ(d) − d·(1 − Φ(d)) widths; over φ(d) that is at least this, for every d ≥ 0: no error function is needed.
function bend(d: number): number {
  return 1 / (1 + 1.5 * d + d * d);
}

function rulesOf({ vault, underlyingDecimals }: CoveredCallPlace): Map<string, LogRule> {
  const moved =
    (sign: 1n | -1n): LogRule =>
    (log) => {
      const [by, amount] = [log.addressTopic(1), log.uint(0)];
      if (by === undefined || amount === undefined) return undefined;
      const wad = sign * wadOf(amount, underlyingDecimals);
      return { kind: "collateral", market, account: vault, amount: wad, by, logIndex: log.index };
    };
  const traded =
    (role: "taker" | "settlement"): LogRule =>
    (log) => {
      const [account, amount, price] = [log.addressTopic(1), log.uint(0), log.uint(1)];
      if (account === undefined || amount === undefined || price === undefined) return undefined;
      const size = (role === "taker" ? 1n : -1n) * wadOf(amount, underlyingDecimals);
      return { kind: "trade", market, account, size, price, role, counterparty: vault, logIndex: log.index };
    };
  return new Map<string, LogRule>([
    [ruleKey(vault, topics.deposited), moved(1n)],
    [ruleKey(vault, topics.withdrawn), moved(-1n)],
    [ruleKey(vault, topics.bought), traded("taker")],
    [ruleKey(vault, topics.exercised), traded("settlement")],
  ]);
}
