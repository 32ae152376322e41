import { z } from "zod";
import { toPlainNumber } from "../math/ratio.ts";
import { imbalanceOf, noBuckets, pourVolume, type VolumeBuckets, vpinOf } from "../math/volumeBuckets.ts";
import { wadNumber } from "../math/wadNumber.ts";
import { eventsOf } from "../model/AccountBook.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { Address } from "../model/Hex.ts";
import type { PerpAdapter } from "../model/PerpAdapter.ts";
import type { Trade } from "../model/ProtocolEvent.ts";
import { proposeNumber } from "../model/proposeLimit.ts";

export interface OrderFlowParams {
  /** Buckets that VPIN looks at. */
  readonly buckets: number;
  readonly maxVpin: number;
  /** Volume of a bucket in whole units of the base; 0: learned as `tradesPerBucket` times the mean of the first trades. */
  readonly bucketVolume: number;
  readonly tradesPerBucket: number;
  readonly learnTrades: number;
}

/**
 * Order flow: takers who all want one side, as before a price is made or a report becomes known.
 *
 *   OFI = Σ s·q / Σ |q|      VPIN = Σ |V_buy − V_sell| / (n · V) over n buckets of volume V      VPIN > 0.7
 *
 * The taker's side s stands in the event, so that volume is not classified in bulk by price changes. Medium; high where one
 * account alone made half of the volume in the block that it was told in. Liquidations and settlements are nobody's wish and
 * do not count, and one trade fills at most half of the buckets: a large order is no flow, and told by skew and execution.
 *
 * Source: Easley, López de Prado, O'Hara 2012; n = 50 and 0.7 by design judgement. With buckets of five mean trades and sides
 * like a coin's VPIN is 0.38 ± 0.04. Calibration: the threshold of the budget on the market's own VPIN.
 * Evasion: splitting a purchase over sales of one's own (it then costs the fee twice); a direction that the market has all
 * along; trading less than n buckets.
 */
export function detectOrderFlow(adapter: PerpAdapter): Detector<OrderFlowParams> {
  return {
    meta: {
      id: "order-flow",
      version: "1.0.0",
      class: "anomaly",
      needs: { all: ["L"], degraded: ["H"] },
      finality: "finalized",
      runbook: "docs/requirements/derivatives.md#order-flow",
      owner: "risk",
    },
    frameLogs: [],
    params: z
      .object({
        buckets: z.number().int().min(5).max(500),
        maxVpin: z.number().positive().max(1),
        bucketVolume: z.number().min(0),
        tradesPerBucket: z.number().positive(),
        learnTrades: z.number().int().min(5),
      })
      .strict(),
    defaults: { buckets: 50, maxVpin: 0.7, bucketVolume: 0, tradesPerBucket: 5, learnTrades: 50 },
    calibrate: (observed, settings) =>
      proposeNumber(observed, settings, ["maxVpin", "vpin ", { share: 0.001, factor: 1, least: 0.3 }]),
    detect(context) {
      const trades = eventsOf(context, adapter).filter(
        (event): event is Trade => event.kind === "trade" && event.role === "taker" && event.size !== 0n,
      );
      for (const market of adapter.markets) {
        const own = trades.filter((trade) => trade.market === market);
        if (own.length > 0) judge(context, adapter, market, own);
      }
    },
  };
}

function judge(
  context: DetectContext<OrderFlowParams>,
  adapter: PerpAdapter,
  market: string,
  trades: readonly Trade[],
): void {
  const { params, memory } = context;
  const key = `${adapter.name}:${market}`;
  const size = bucketSize(context, key, trades);
  if (size === undefined) return;
  const before = (memory.get(`${key}:buckets`) as unknown as VolumeBuckets | undefined) ?? noBuckets;
  // Flow is many trades: one of them fills at most half of the buckets, so that a single large order is not told here.
  const most = (size * params.buckets) / 2;
  const after = trades.reduce((all, trade) => {
    const volume = Math.max(-most, Math.min(most, wadNumber(trade.size)));
    return pourVolume(all, volume, size, params.buckets);
  }, before);
  memory.set(`${key}:buckets`, { full: after.full, open: after.open });
  if (after.full.length < params.buckets) return;
  const [vpin, imbalance] = [vpinOf(after)!, imbalanceOf(after)!];
  context.observe(`vpin ${market}`, vpin);
  if (vpin <= params.maxVpin) return;
  const [account, share] = largestOf(trades);
  context.finding({
    severity: share >= 0.5 ? "high" : "medium",
    subject: adapter.subject,
    addresses: [account],
    reason: `Takers of "${market}" want one side: VPIN ${vpin.toFixed(2)}, imbalance ${imbalance.toFixed(2)}.`,
    key: [adapter.name, market],
    score: Math.min(1, (vpin - params.maxVpin) / (1 - params.maxVpin)),
    evidence: {
      market,
      vpin: toPlainNumber(vpin),
      imbalance: toPlainNumber(imbalance),
      buckets: after.full.map(([buy, sell]) => [toPlainNumber(buy), toPlainNumber(sell)]),
      bucketVolume: toPlainNumber(size),
      limit: params.maxVpin,
      largestShareOfBlock: toPlainNumber(share),
    },
  });
}

// Learned once and then fixed: a size that follows the volume would let whoever trades much set it.
function bucketSize(
  { params, memory }: DetectContext<OrderFlowParams>,
  key: string,
  trades: readonly Trade[],
): number | undefined {
  if (params.bucketVolume > 0) return params.bucketVolume;
  const [count, volume] = (memory.get(`${key}:learned`) ?? [0, 0]) as readonly [number, number];
  if (count >= params.learnTrades) return (volume / count) * params.tradesPerBucket;
  const added = trades.reduce((sum, trade) => sum + Math.abs(wadNumber(trade.size)), 0);
  memory.set(`${key}:learned`, [count + trades.length, volume + added]);
  return undefined;
}

function largestOf(trades: readonly Trade[]): readonly [Address, number] {
  const volumes = new Map<Address, number>();
  for (const { account, size } of trades) volumes.set(account, (volumes.get(account) ?? 0) + Math.abs(wadNumber(size)));
  const all = [...volumes.values()].reduce((a, b) => a + b, 0);
  const [account, volume] = [...volumes].reduce((a, b) => (b[1] > a[1] ? b : a));
  return [account, volume / all];
}
