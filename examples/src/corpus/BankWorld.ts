// What the lending rows have in common: an adapter of their base contract, a price held against a feed, debts that are backed.
import { type LogRule, readLogs, ruleKey } from "@testudo/core/adapters/LogReader";
import { lendingDetectors } from "@testudo/core/detectors/derivativeDetectors";
import { detectOracleDeviation } from "@testudo/core/detectors/detectOracleDeviation";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { type DetectorUse, useDetector } from "@testudo/core/model/Detector";
import { type Address, toLower, toWord } from "@testudo/core/model/Hex";
import type { LendingAdapter } from "@testudo/core/model/LendingAdapter";
import { callRead, uintOf } from "@testudo/core/model/Query";
import { eventTopic, functionSelector } from "@testudo/core/model/signatureHash";
import { encodeFunctionData } from "viem/utils";
import { staysZero } from "./covers.ts";
import { buildOf, type IncidentStage, manager, most, type StageCall, units } from "./IncidentStage.ts";

const wad = 10n ** 18n;
const market = "TOKEN";

/** The corpus's banks: collateral, debt and price of each account as the bank itself says. */
export function bankAdapter(bank: Address, token: Address, ltv: bigint): LendingAdapter {
  const rules = bankRules(bank);
  return {
    kind: "lending",
    name: "Bank",
    subject: bank,
    markets: [market],
    ownCollateral: [],
    events: (view) => readLogs(view, rules),
    worth: () => undefined,
    market: (_, at) => ({
      reads: [
        callRead(bank, at, functionSelector("priceWad()")),
        callRead(token, at, functionSelector("totalSupply()")),
      ],
      decode([price, supply]) {
        const figure = uintOf(price);
        if (figure === undefined) return undefined;
        return { price: figure, fund: 0n, liquidationLtv: ltv, collateralSupply: uintOf(supply) };
      },
    }),
    account: (_, account, at) => ({
      reads: [callRead(bank, at, functionSelector("accountState(address)"), toWord(account))],
      decode([state]) {
        const [size, collateral, debt] = [uintOf(state, 0), uintOf(state, 1), uintOf(state, 2)];
        if (size === undefined || collateral === undefined || debt === undefined) return undefined;
        return { collateral, required: (debt * wad) / ltv, exposure: collateral, requiredExposure: 0n, size, debt };
      },
    }),
  };
}

function bankRules(bank: Address): Map<string, LogRule> {
  const rule = (text: string, of: LogRule): [string, LogRule] => [ruleKey(bank, eventTopic(text)), of];
  const moved = (text: string, kind: "collateral" | "debt") =>
    rule(text, (log) => {
      const [account, amount] = [log.addressTopic(1), log.int(0)];
      if (account === undefined || amount === undefined) return undefined;
      return { kind, market, account, amount, logIndex: log.index };
    });
  return new Map([
    moved("Supplied(address,int256)", "collateral"),
    moved("Lent(address,int256)", "debt"),
    rule("Liquidated(address,address,uint256)", (log) => {
      const [account, by, notional] = [log.addressTopic(1), log.addressTopic(2), log.uint(0)];
      if (account === undefined || by === undefined || notional === undefined) return undefined;
      return { kind: "liquidation", market, account, by, notional, logIndex: log.index };
    }),
  ]);
}

export interface BankPlace {
  readonly bank: Address;
  readonly token: Address;
  /** In WAD. */
  readonly ltv: bigint;
  /** An honest price, and the source that the bank goes by: a contract and its question. */
  readonly honest: Address;
  readonly source: { readonly to: Address; readonly name: string };
  readonly maxDeviation?: number;
}

/** Zero configuration, the suite for lending, the price against the honest one, and debts that have to be backed by that. */
export function bankWatched(place: BankPlace, more: readonly DetectorUse[] = []) {
  const [bank, honest] = [toLower(place.bank), toLower(place.honest)];
  const priceAt = (to: Address, name: string) => ({
    to: toLower(to),
    data: functionSelector(name),
    decimals: 18,
    word: 0,
  });
  const feed = {
    name: "collateral",
    subject: bank,
    feed: priceAt(place.source.to, place.source.name),
    references: [priceAt(honest, "priceWad()")],
    twapSeconds: 0,
    maxDeviation: place.maxDeviation ?? 0.05,
  };
  const unbacked = encodeFunctionData({ abi: buildOf("SpotBank").abi, functionName: "unbackedAt", args: [honest] });
  const detectors = [
    ...zeroConfigDetectors(),
    ...lendingDetectors(bankAdapter(bank, toLower(place.token), place.ltv)),
    useDetector(detectOracleDeviation, { feeds: [feed] }),
    staysZero("backed", bank, { to: bank, data: unbacked }),
    ...more,
  ];
  return { watched: [place.bank], detectors };
}

/** Tokens for everybody named, and their approval of `spenders`. */
export function grants(
  stage: IncidentStage,
  token: Address,
  who: readonly Address[],
  amount: number,
  spenders: readonly Address[],
): StageCall[] {
  return who.flatMap((one) => [
    stage.call(manager, token, "Token", "mint", [one, units(amount)]),
    ...spenders.map((spender) => stage.call(one, token, "Token", "approve", [spender, most])),
  ]);
}
