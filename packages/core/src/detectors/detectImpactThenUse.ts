import { toPlainNumber } from "../math/ratio.ts";
import { actorCluster } from "../model/ActorCluster.ts";
import type { Detector } from "../model/Detector.ts";
import type { Address } from "../model/Hex.ts";
import { proposeNumber } from "../model/proposeLimit.ts";
import type { TxView } from "../model/TxView.ts";
import { unredeemedBy } from "../signs/Compensation.ts";
import { type PriceMove, priceMovesOf, swapTopics } from "../signs/SpotPrice.ts";
import { touchedBy } from "../signs/touchedBy.ts";
import { type EarlierImpacts, earlierImpacts } from "./impactThenUse/earlierImpacts.ts";
import { keepImpacts, noteImpacts, recallImpacts } from "./impactThenUse/Impact.ts";
import {
  type ImpactThenUseContext,
  type ImpactThenUseParams,
  impactThenUseParams,
} from "./impactThenUse/ImpactThenUseParams.ts";
import { isUse, isUsedAfter } from "./impactThenUse/isUsedAfter.ts";
import { type Moved, movedOf } from "./impactThenUse/Moved.ts";

export type { ImpactThenUseParams } from "./impactThenUse/ImpactThenUseParams.ts";

/**
 * Price impact, then use: actors move a pool's spot price and then borrow, open or redeem at the protected address.
 *
 *   move = |ln(P_after / P_before)| > ln(1 + minMove), summed per pool over the actors' swaps, of earlier transactions
 *   too; then a use that begins after it: in the same transaction, or within `blocks` blocks by the same actors
 *   high: value leaves the protected set in the use · medium: it does not, or only the order of events vouches for it
 *
 * A swap that the protected address makes itself while it is being used is its trade, not a preparation: the use must
 * begin after the swap's call has ended, or in the callback by which a v3 pool, whose price has moved by then, asks for
 * its payment. What answers the address's own call, such as a payment to it, or pays the pool, is no use. What is
 * redeemed one for one (wrapped coins) counts as no loss: no price decides it. Small moves add up over transactions
 * only for one sender or one contract that was seen to be deployed: strangers share routers.
 * Source: Harvest, bZx, Mango. Default: 3 %, 2 blocks, uncalibrated. Pools: Uniswap v2 to v4, Pancake v3, Solidly.
 * Degraded without T: order of events instead of calls; calls without events are not seen. Not seen: small moves by
 * several senders through an old contract; a move that is drowned in those of more than a thousand senders.
 */
export const detectImpactThenUse: Detector<ImpactThenUseParams> = {
  meta: {
    id: "impact-then-use",
    version: "1.0.0",
    class: "anomaly",
    needs: { all: ["X", "L"], degraded: ["T", "H"] },
    finality: "finalized",
    runbook: "docs/requirements/detectors.md#impact-then-use",
    owner: "protocol",
  },
  frameLogs: swapTopics,
  params: impactThenUseParams,
  defaults: { minMove: 0.03, blocks: 2, uses: [], pools: [] },
  calibrate: (observed, settings) =>
    proposeNumber(observed, settings, ["minMove", "move ", { share: 0.001, factor: 1, least: 0.003 }]),
  detect(context) {
    const limit = Math.log1p(context.params.minMove);
    const impacts = recallImpacts(context);
    for (const view of context.txs) {
      const moves = movesOf(context, view);
      const touched = touchedBy(view, context.watched);
      if (moves.length === 0 && touched.size === 0) continue;
      const cluster = actorCluster(view, context.watched, context.deployerOf);
      if (touched.size > 0) {
        const earlier = earlierImpacts(context, view, cluster, impacts.values());
        for (const { market, move } of movedOf(moves, 0)) context.observe(`move ${market}`, Math.expm1(Math.abs(move)));
        const inside = movedOf(moves, limit, earlier.start).filter(
          (m) => m.passedAt !== undefined && !context.watched.has(m.pool) && isUsedAfter(context, view, cluster, m),
        );
        judge(context, view, touched, cluster, inside, earlier);
      }
      noteImpacts(context, view, movedOf(moves, limit), cluster, impacts);
    }
    keepImpacts(context, impacts.values());
  },
};

function movesOf(context: ImpactThenUseContext, view: TxView): PriceMove[] {
  const { pools } = context.params;
  return priceMovesOf(view.logs).filter((m) => pools.length === 0 || pools.includes(m.pool));
}

function judge(
  context: ImpactThenUseContext,
  view: TxView,
  touched: ReadonlySet<Address>,
  cluster: ReadonlySet<Address>,
  inside: readonly Moved[],
  earlier: EarlierImpacts,
): void {
  const [first] = inside;
  const past = earlier.big.at(-1);
  if (first === undefined && (past === undefined || !isUse(context, view))) return;
  const lost = unredeemedBy(view, touched, context.watched);
  const move = Math.abs(first?.move ?? earlier.moves.get(past!.market)!);
  const subject = [...touched][0]!;
  context.finding({
    severity: lost.length > 0 && (view.trace !== undefined || first === undefined) ? "high" : "medium",
    subject,
    reason: `The price of ${first?.pool ?? past!.pool} was moved by ${(Math.expm1(move) * 100).toFixed(1)} % ${first === undefined ? `${Number(context.block.ref.number) - past!.block} blocks` : "right"} before ${subject} was used by the same actors.`,
    txHash: view.tx.hash,
    addresses: [...cluster, ...inside.map((m) => m.pool)].slice(0, 16),
    key: [view.tx.hash],
    score: Math.min(1, move / (10 * Math.log1p(context.params.minMove))),
    evidence: evidenceOf(context, inside, earlier, lost),
  });
}

function evidenceOf(
  { params }: ImpactThenUseContext,
  inside: readonly Moved[],
  earlier: EarlierImpacts,
  lost: readonly string[],
): Parameters<ImpactThenUseContext["finding"]>[0]["evidence"] {
  return {
    minMove: params.minMove,
    uncalibrated: true,
    inside: inside.map((m) => ({
      pool: m.pool,
      market: m.market,
      logMove: toPlainNumber(m.move),
      startedAt: toPlainNumber(earlier.start.get(m.market) ?? 0),
      reversed: Math.abs(m.whole) < Math.abs(m.move) / 2,
      logIndex: m.passedAt!,
    })),
    before: earlier.big.map((i) => ({
      pool: i.pool,
      market: i.market,
      logMove: toPlainNumber(i.move),
      tx: i.tx,
      txs: i.txs,
      block: i.block,
    })),
    lost,
  };
}
