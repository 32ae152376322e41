// Adapters of the rehearsal's own protocols: what a user writes for one that has none yet.
import { type LogRule, readLogs, ruleKey } from "@testudo/core/adapters/LogReader";
import { type Address, toWord } from "@testudo/core/model/Hex";
import type { LendingAdapter } from "@testudo/core/model/LendingAdapter";
import type { PerpAdapter, PerpMarket } from "@testudo/core/model/PerpAdapter";
import { callRead, intOf, uintOf } from "@testudo/core/model/Query";
import { numberOf, type Reading, readOf } from "@testudo/core/model/Reading";
import { eventTopic, functionSelector } from "@testudo/core/model/signatureHash";

const wad = 10n ** 18n;
const perpMarket = "BASE";
const shareMarket = "LP";

/** `ScenarioPerp`: its perpetual, and the shares of its makers as a market of their own. `feed` is an honest price. */
export function scenarioPerpAdapter(perp: Address, feed: Reading): PerpAdapter {
  const rules = perpRules(perp);
  return {
    kind: "perp",
    name: "ScenarioPerp",
    subject: perp,
    markets: [perpMarket, shareMarket],
    terms: { feeBps: 0 },
    events: (view) => readLogs(view, rules),
    // A share is worth what every position's own cost says; a perpetual what the feed says.
    worth: (_, { reference, price }) => ({ value: reference ?? price, unit: reference ?? price }),
    market: (market, at) => ({
      reads: [
        callRead(perp, at, functionSelector("state()")),
        readOf(feed, at),
        callRead(perp, at, functionSelector("quoteReserve()")),
      ],
      decode([state, honest, quote]) {
        const word = (i: number) => uintOf(state, i);
        const [index, mark, price, worth] = [word(0), word(1), word(7), word(8)];
        if (!index || !mark || !price || !worth) return undefined;
        if (market === shareMarket) return { price, reference: worth };
        const reference = BigInt(Math.round((numberOf(feed, honest) ?? 0) * 1e9)) * 10n ** 9n;
        return {
          price: index,
          traded: mark,
          reference: reference === 0n ? index : reference,
          long: word(2),
          short: word(3),
          // √1.02 − 1 of a constant-product pool's money moves its price by 2 %.
          depth: ((uintOf(quote) ?? 0n) * 995n) / 100_000n,
          fund: word(6),
          accruedAt: word(5),
          funding: { rate: ((mark - index) * wad) / index, cumulative: intOf(state, 4) },
        };
      },
    }),
    account: (market, account, at) => ({
      reads: [
        callRead(perp, at, functionSelector("accountState(address)"), toWord(account)),
        callRead(perp, at, functionSelector("state()")),
      ],
      decode([own, state]) {
        const [equity, required, size, debt] = [intOf(own, 0), uintOf(own, 1), intOf(own, 2), uintOf(own, 3)];
        const index = uintOf(state, 0);
        if (market === shareMarket || equity === undefined || required === undefined) return undefined;
        if (size === undefined || debt === undefined || index === undefined) return undefined;
        const exposure = (size * index) / wad;
        return { collateral: equity, required, exposure, requiredExposure: debt > 0n ? 0n : required, size, debt };
      },
    }),
    // The premium of mark over index for the time since, at the prices of either block.
    fundingBounds: (market, before, after) => (market === perpMarket ? premiumBounds(before, after) : undefined),
  };
}

function premiumBounds(before: PerpMarket, after: PerpMarket) {
  const seconds = after.accruedAt! - before.accruedAt!;
  if (seconds === 0n) return { least: 0n, most: 0n };
  const steps = [before, after].map(({ funding, price }) => (funding!.rate * price * seconds) / wad / 86_400n);
  const [least, most] = steps[0]! < steps[1]! ? steps : [steps[1]!, steps[0]!];
  // The rate is rounded to a billionth of a billionth of the price on its way here.
  return { least: least! - 4_000n, most: most! + 4_000n };
}

function perpRules(perp: Address): Map<string, LogRule> {
  const rule = (text: string, of: LogRule): [string, LogRule] => [ruleKey(perp, eventTopic(text)), of];
  return new Map([
    rule("Traded(address,int256,uint256)", (log) => {
      const [account, size, price] = [log.addressTopic(1), log.int(0), log.uint(1)];
      if (account === undefined || size === undefined || price === undefined) return undefined;
      return { kind: "trade", market: perpMarket, account, size, price, role: "taker", logIndex: log.index };
    }),
    rule("MarginMoved(address,int256)", (log) => {
      const [account, amount] = [log.addressTopic(1), log.int(0)];
      if (account === undefined || amount === undefined) return undefined;
      return { kind: "collateral", market: perpMarket, account, amount, logIndex: log.index };
    }),
    rule("Borrowed(address,uint256)", (log) => {
      const [account, amount] = [log.addressTopic(1), log.uint(0)];
      if (account === undefined || amount === undefined) return undefined;
      return { kind: "debt", market: perpMarket, account, amount, logIndex: log.index };
    }),
    rule("Liquidated(address,address,uint256)", (log) => {
      const [account, notional] = [log.addressTopic(1), log.uint(0)];
      // The vault takes the position over: from then on it is an account that is read.
      if (account === undefined || notional === undefined) return undefined;
      return { kind: "liquidation", market: perpMarket, account, by: perp, notional, logIndex: log.index };
    }),
    rule("Redeemed(address,uint256,uint256)", (log) => {
      const [account, amount, price] = [log.addressTopic(1), log.uint(0), log.uint(1)];
      if (account === undefined || amount === undefined || price === undefined) return undefined;
      return { kind: "trade", market: shareMarket, account, size: -amount, price, role: "taker", logIndex: log.index };
    }),
  ]);
}

/** `ScenarioLender`: one market, `token` its collateral. */
export function scenarioLenderAdapter(lender: Address, token: Address, pool: Address): LendingAdapter {
  const market = "TOKEN";
  const moved = (text: string, kind: "collateral" | "debt", word: number): [string, LogRule] => [
    ruleKey(lender, eventTopic(text)),
    (log) => {
      const [account, amount] = [log.addressTopic(1), log.uint(word)];
      return account === undefined || amount === undefined
        ? undefined
        : { kind, market, account, amount, logIndex: log.index };
    },
  ];
  const rules = new Map([
    moved("Supplied(address,uint256)", "collateral", 0),
    moved("Lent(address,address,uint256)", "debt", 0),
  ]);
  const ltv = 8n * 10n ** 17n;
  return {
    kind: "lending",
    name: "ScenarioLender",
    subject: lender,
    markets: [market],
    ownCollateral: [],
    events: (view) => readLogs(view, rules),
    worth: () => undefined,
    market: (_, at) => ({
      reads: [
        callRead(pool, at, functionSelector("spotWad()")),
        callRead(token, at, functionSelector("totalSupply()")),
      ],
      decode([spot, supply]) {
        const price = uintOf(spot);
        return price === undefined
          ? undefined
          : { price, fund: 0n, liquidationLtv: ltv, collateralSupply: uintOf(supply) };
      },
    }),
    account: (_, account, at) => ({
      reads: [callRead(lender, at, functionSelector("accountState(address)"), toWord(account))],
      decode([state]) {
        const [size, collateral, debt] = [uintOf(state, 0), uintOf(state, 1), uintOf(state, 2)];
        if (size === undefined || collateral === undefined || debt === undefined) return undefined;
        return { collateral, required: (debt * wad) / ltv, exposure: collateral, requiredExposure: 0n, size, debt };
      },
    }),
  };
}
