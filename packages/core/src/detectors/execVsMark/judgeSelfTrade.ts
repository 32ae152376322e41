import { toPlainNumber } from "../../math/ratio.ts";
import { wadNumber } from "../../math/wadNumber.ts";
import { actorCluster, principalsOf } from "../../model/ActorCluster.ts";
import type { DetectContext } from "../../model/Detector.ts";
import type { Address, Hex } from "../../model/Hex.ts";
import type { ProtocolAdapter } from "../../model/ProtocolAdapter.ts";
import type { Quote, Trade } from "../../model/ProtocolEvent.ts";
import type { Decoded, ExecVsMarkParams } from "./ExecVsMarkParams.ts";

/** What one actor did in one market in one block. */
interface Doings {
  readonly trades: Trade[];
  readonly quotes: Quote[];
  readonly txHash: Hex;
}

type Context = DetectContext<ExecVsMarkParams>;

/** Tells actors that were on both sides of a market within the block. */
export function judgeSelfTrade(context: Context, adapter: ProtocolAdapter, decoded: readonly Decoded[]): void {
  for (const [market, doings] of doingsByActor(context, decoded)) {
    const { trades, quotes } = doings;
    const both = bothSides(trades);
    const made = trades.find((trade) => quotes.some((quote) => isFilledBy(quote, trade)));
    const named = trades.find(({ account, counterparty }) => counterparty === account);
    // Enough of there and back that what is left open does not matter for the gain.
    const [gain, turnover] = roundTrip(trades);
    const gains = gain > (turnover * context.params.slackBps) / 10_000;
    const isRoundTrip = turnover > 0 && gains;
    if (both === undefined && made === undefined && named === undefined && !isRoundTrip) continue;
    const trade = both ?? made ?? named ?? trades[0]!;
    context.finding({
      severity: isRoundTrip ? "high" : "medium",
      subject: adapter.subject,
      addresses: [...new Set([...trades, ...quotes].map(({ account }) => account))],
      txHash: doings.txHash,
      logIndex: trade.logIndex,
      reason: `One actor was on both sides of "${trade.market}" in one block${isRoundTrip ? ` and gained ${gain.toFixed(2)}` : ""}.`,
      key: [adapter.name, market, "self-trade"],
      score: isRoundTrip ? Math.min(1, (gain / turnover) * 10) : 0.3,
      evidence: {
        kind: "self-trade",
        gain: toPlainNumber(gain),
        turnover: toPlainNumber(turnover),
        trades: trades.map(({ account, size, price, logIndex }) => ({ account, size, price, logIndex })),
        quotes: quotes.map(({ account, lower, upper, liquidity }) => ({ account, lower, upper, liquidity })),
      },
    });
  }
}

function doingsByActor(context: Context, decoded: readonly Decoded[]): Map<string, Doings> {
  const found = new Map<string, Doings>();
  for (const { view, events } of decoded) {
    if (events.length === 0) continue;
    const principals = principalsOf(view);
    // A bundle of several people's operations is nobody's.
    if (principals.size !== 1) continue;
    const cluster = actorCluster(view, context.watched, context.deployerOf);
    for (const event of events) {
      if (event.kind !== "trade" && event.kind !== "quote") continue;
      if (!cluster.has(event.account) || (event.kind === "trade" && event.role !== "taker")) continue;
      const key = `${event.market}|${[...principals][0]}`;
      const doings = found.get(key) ?? { trades: [], quotes: [], txHash: view.tx.hash };
      if (event.kind === "trade") doings.trades.push(event);
      else doings.quotes.push(event);
      found.set(key, doings);
    }
  }
  return new Map([...found].filter(([, { trades }]) => trades.length > 0));
}

/** A trade whose other side another account of the same actor took. */
function bothSides(trades: readonly Trade[]): Trade | undefined {
  const sides = (sign: 1 | -1) =>
    new Set<Address>(trades.filter(({ size }) => size > 0n === sign > 0).map((t) => t.account));
  const [buyers, sellers] = [sides(1), sides(-1)];
  return trades.find(({ account, size }) => [...(size > 0n ? sellers : buyers)].some((other) => other !== account));
}

function isFilledBy(quote: Quote, trade: Trade): boolean {
  return quote.account !== trade.account && quote.lower <= trade.price && trade.price <= quote.upper;
}

/** What buying and selling the same amount came to, and the turnover of it, in the quote. */
function roundTrip(trades: readonly Trade[]): readonly [gain: number, turnover: number] {
  const sum = (sign: 1 | -1) => {
    const own = trades.filter(({ size }) => size > 0n === sign > 0);
    const size = own.reduce((all, t) => all + Math.abs(wadNumber(t.size)), 0);
    const money = own.reduce((all, t) => all + Math.abs(wadNumber(t.size)) * wadNumber(t.price), 0);
    return { size, mean: size > 0 ? money / size : 0 };
  };
  const [bought, sold] = [sum(1), sum(-1)];
  const matched = Math.min(bought.size, sold.size);
  return [matched * (sold.mean - bought.mean), matched * (sold.mean + bought.mean)];
}
