import { z } from "zod";
import { median, scaledMad } from "../math/median.ts";
import { wadNumber } from "../math/wadNumber.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { MarketState, ProtocolAdapter, TradingTerms } from "../model/ProtocolAdapter.ts";
import type { ProtocolEvent, Trade } from "../model/ProtocolEvent.ts";
import { proposeNumber } from "../model/proposeLimit.ts";
import { askQuery, queryAll } from "../model/Query.ts";
import { addToRing, ringOf } from "../model/Ring.ts";
import type { ExecVsMarkParams, MarketPair } from "./execVsMark/ExecVsMarkParams.ts";
import { judgeFills } from "./execVsMark/judgeFills.ts";
import { judgeSelfTrade } from "./execVsMark/judgeSelfTrade.ts";

/** A protocol with trades and what they cost. */
export type TradedAdapter = ProtocolAdapter & { readonly terms: TradingTerms };

/**
 * Execution against the mark: a fill that is better than an independent price allows, and a trade with oneself.
 *
 *   advantage = s · (worth − price) / unit, the least over the parent block and this one
 *   advantage > spread + fee + slack, spread = median + 6 MAD of |price / reference − 1| of earlier blocks    medium, high at 3x and 2 %
 *   both sides of a trade, or a maker's order and the taker in its range, with one actor in one block         medium
 *   the same, or one account there and back in one block, at a gain beyond the slack                           high
 *
 * Worth is the adapter's: of a perpetual its reference price (a lagged mean or another feed), of an option what it pays at
 * that price, and the unit its underlying's. Taking the better of two blocks for the trader's innocence lets an honest update within the block pass; a
 * price that was made in a block before is not the reference yet. An actor is A(tx): sender, contract called, and what
 * those deployed. Liquidations and deleveraging are done at a discount by rule and are not judged.
 *
 * Source: design judgement; slack 10 bps. Calibration: slack becomes the 99.9 % quantile of the market's own advantages.
 * Trap (CAT-04): a keeper that executes two strangers' orders in one transaction is on neither side.
 * Evasion: both sides by accounts without a tie; staying within the usual spread, trade after trade.
 */
export function detectExecVsMark(adapter: TradedAdapter): Detector<ExecVsMarkParams> {
  return {
    meta: {
      id: "exec-vs-mark",
      version: "1.0.0",
      class: "anomaly",
      needs: { all: ["L", "S"], degraded: ["T", "H"] },
      finality: "finalized",
      runbook: "docs/requirements/derivatives.md#exec-vs-mark",
      owner: "risk",
    },
    frameLogs: [],
    params: z
      .object({
        slackBps: z.number().min(0),
        highBps: z.number().min(0),
        minSamples: z.number().int().min(3),
        maxSamples: z.number().int().min(10).max(4_096),
      })
      .strict(),
    defaults: { slackBps: 10, highBps: 200, minSamples: 20, maxSamples: 256 },
    calibrate: (observed, settings) =>
      proposeNumber(observed, settings, ["slackBps", "slack ", { share: 0.001, factor: 1, least: 1 }]),
    detect(context) {
      if (!context.block.has.includes("S")) return;
      const decoded = context.txs.map((view) => ({ view, events: view.logs.length > 0 ? adapter.events(view) : [] }));
      const all = decoded.flatMap(({ events }) => events);
      const pairs = readPairs(context, adapter, all);
      for (const [market, pair] of pairs) {
        const spread = usualSpread(context, adapter, market, pair.after);
        const trades = all.filter((e): e is Trade => isJudged(e) && e.market === market);
        if (trades.length > 0) judgeFills({ context, adapter, market, pair, spread }, decoded);
      }
      judgeSelfTrade(context, adapter, decoded);
    },
  };
}

function isJudged(event: ProtocolEvent): boolean {
  return event.kind === "trade" && (event.role === "taker" || event.role === "settlement") && event.size !== 0n;
}

/** The markets at the block; those that were traded in at its parent, too. */
function readPairs(
  context: DetectContext<ExecVsMarkParams>,
  adapter: TradedAdapter,
  events: readonly ProtocolEvent[],
): Map<string, MarketPair> {
  const traded = new Set(events.filter(isJudged).map(({ market }) => market));
  const query = queryAll(
    adapter.markets.flatMap((market) => [
      adapter.market(market, "block"),
      ...(traded.has(market) ? [adapter.market(market, "parent")] : []),
    ]),
  );
  const states = askQuery(context, query);
  const pairs = new Map<string, MarketPair>();
  let at = 0;
  for (const market of adapter.markets) {
    const after = states[at++];
    const before = traded.has(market) ? states[at++] : undefined;
    if (after !== undefined) pairs.set(market, { after, before });
  }
  return pairs;
}

// How far the protocol's price and its reference are apart as a rule: a gap that others left is no gift to whoever comes.
function usualSpread(
  { memory, params }: DetectContext<ExecVsMarkParams>,
  adapter: TradedAdapter,
  market: string,
  state: MarketState,
): number | undefined {
  const key = `${adapter.name}:${market}:spreads`;
  const past = ringOf<number>(memory, key).map(Number);
  const [price, reference] = [wadNumber(state.traded ?? state.price), wadNumber(state.reference ?? state.price)];
  if (reference > 0) addToRing(memory, key, Math.abs(price / reference - 1), params.maxSamples);
  return past.length < params.minSamples ? undefined : median(past)! + 6 * scaledMad(past)!;
}
