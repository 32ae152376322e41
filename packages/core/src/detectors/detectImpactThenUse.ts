import { z } from "zod";
import { toPlainNumber } from "../math/ratio.ts";
import { actorCluster } from "../model/ActorCluster.ts";
import { entriesInto, findReentries, selectorOfVisit, type Visit, walk } from "../model/CallTree.ts";
import { unredeemedBy } from "../model/Compensation.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { Address } from "../model/Hex.ts";
import { selectorOf } from "../model/KnownSignature.ts";
import { ringOf } from "../model/Ring.ts";
import { type PriceMove, priceMovesOf } from "../model/SpotPrice.ts";
import type { TxView } from "../model/TxView.ts";
import { touchedBy } from "../model/touchedBy.ts";

export interface ImpactThenUseParams {
  /** Least move of a spot price, as a share of it. */
  readonly minMove: number;
  /** Blocks after the move in which a use by the same actors counts; 0 = the same block only. */
  readonly blocks: number;
  /** Selectors that count as a use of the protected set; none = every call. */
  readonly uses: readonly string[];
  /** Pools whose price matters; none = every pool. */
  readonly pools: readonly string[];
}

/**
 * Price impact, then use: actors move a pool's spot price and then borrow, open or redeem at the protected address.
 *
 *   move = |ln(P_after / P_before)| > ln(1 + minMove), summed per pool over the actors' swaps; then a use that begins
 *   after it: in the same transaction, or within `blocks` blocks by the same actors
 *   high: value leaves the protected set in the use · medium: it does not, or only the order of events vouches for it
 *
 * A swap that the protected address makes itself while it is being used is its trade, not a preparation: the use must
 * begin after the swap's call has ended, and what answers the address's own call, such as a payment to it, is no use.
 * What is redeemed one for one (wrapped coins) counts as no loss: no price decides it. Source: Harvest, bZx, Mango. Default: 3 %, 2 blocks, uncalibrated.
 * Degraded without T: order of events instead of calls; calls without events are not seen.
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
  params: z
    .object({
      minMove: z.number().positive(),
      blocks: z.number().int().min(0).max(100),
      uses: z.array(z.string().regex(/^0x[0-9a-f]{8}$/)),
      pools: z.array(z.string().regex(/^0x[0-9a-f]{40}$/)),
    })
    .strict(),
  defaults: { minMove: 0.03, blocks: 2, uses: [], pools: [] },
  detect(context) {
    const block = Number(context.block.ref.number);
    let recent = ringOf<Impact>(context.memory, "recent").filter((i) => i.block >= block - context.params.blocks);
    for (const view of context.txs) {
      const moves = movesOf(context, view);
      const touched = touchedBy(view, context.watched);
      if (moves.length === 0 && touched.size === 0) continue;
      const cluster = actorCluster(view, context.watched, context.deployerOf);
      const own = recent.filter((i) => i.actors.some((a) => cluster.has(a as Address)));
      if (touched.size > 0) judge(context, view, touched, cluster, moves, own);
      const made = bigMoves(context, moves).map((m) => ({
        block,
        actors: [...cluster].slice(0, 8),
        tx: view.tx.hash,
        pool: m.pool,
        move: toPlainNumber(m.move),
      }));
      recent = [...recent, ...made].slice(-512);
    }
    if (recent.length > 0 || context.memory.get("recent") !== undefined) context.memory.set("recent", recent);
  },
};

type Context = DetectContext<ImpactThenUseParams>;

interface Impact {
  readonly [key: string]: string | number | readonly string[];
  readonly block: number;
  readonly actors: readonly string[];
  readonly tx: string;
  readonly pool: string;
  readonly move: number;
}

interface Moved {
  readonly pool: Address;
  /** Signed logarithm over all swaps of the transaction up to the largest point, and over all of them. */
  readonly move: number;
  readonly whole: number;
  /** The log at which the move first passed the threshold. */
  readonly logIndex: number;
}

function movesOf(context: Context, view: TxView): PriceMove[] {
  const { pools } = context.params;
  return priceMovesOf(view.logs).filter((m) => pools.length === 0 || pools.includes(m.pool));
}

/** Swaps of one transaction add up, so that a move cut into small ones is seen whole. */
function bigMoves(context: Context, moves: readonly PriceMove[]): Moved[] {
  const limit = Math.log1p(context.params.minMove);
  return [...new Set(moves.map((m) => m.pool))].flatMap((pool) => {
    const list = moves.filter((m) => m.pool === pool);
    let sum = 0;
    let top = 0;
    let logIndex: number | undefined;
    for (const m of list) {
      sum += m.after - m.before;
      if (Math.abs(sum) > Math.abs(top)) top = sum;
      if (logIndex === undefined && Math.abs(sum) > limit) logIndex = m.logIndex;
    }
    return logIndex === undefined ? [] : [{ pool, move: top, whole: sum, logIndex }];
  });
}

function judge(
  context: Context,
  view: TxView,
  touched: ReadonlySet<Address>,
  cluster: ReadonlySet<Address>,
  moves: readonly PriceMove[],
  earlier: readonly Impact[],
): void {
  const inside = bigMoves(context, moves).filter(
    (m) => !context.watched.has(m.pool) && isUsedAfter(context, view, cluster, m),
  );
  const before = earlier.filter((i) => i.tx !== view.tx.hash && !context.watched.has(i.pool as Address));
  const [first] = inside;
  const [past] = before;
  if ((first === undefined && past === undefined) || (first === undefined && !isUse(context, view))) return;
  const lost = unredeemedBy(view, touched, context.watched);
  const move = Math.abs(first?.move ?? past!.move);
  const subject = [...touched][0]!;
  context.finding({
    severity: lost.length > 0 && (view.trace !== undefined || first === undefined) ? "high" : "medium",
    subject,
    reason: `The price of ${first?.pool ?? past!.pool} was moved by ${(Math.expm1(move) * 100).toFixed(1)} % ${first === undefined ? `${Number(context.block.ref.number) - past!.block} blocks` : "right"} before ${subject} was used by the same actors.`,
    txHash: view.tx.hash,
    addresses: [...cluster, ...inside.map((m) => m.pool)].slice(0, 16),
    key: [view.tx.hash],
    score: Math.min(1, move / (10 * Math.log1p(context.params.minMove))),
    evidence: {
      minMove: context.params.minMove,
      uncalibrated: true,
      inside: inside.map((m) => ({
        pool: m.pool,
        logMove: toPlainNumber(m.move),
        reversed: Math.abs(m.whole) < Math.abs(m.move) / 2,
        logIndex: m.logIndex,
      })),
      before: before.map((i) => ({ pool: i.pool, logMove: i.move, tx: i.tx, block: i.block })),
      lost,
    },
  });
}

function isUse(context: Context, view: TxView): boolean {
  const { uses } = context.params;
  if (uses.length === 0) return true;
  if (view.trace === undefined) return uses.includes(selectorOf(view.tx.input));
  return entriesInto(view.trace, context.watched).some((v) => uses.includes(selectorOfVisit(v)));
}

/** Calls back into the protected set while it is calling out itself, with no contract of the actors in between: payments, callbacks. */
function answersTo(view: TxView, cluster: ReadonlySet<Address>, watched: ReadonlySet<Address>): Set<Visit> {
  const reentries = findReentries(view.trace!, watched);
  return new Set(reentries.filter(({ via }) => !via.some((a) => cluster.has(a))).map(({ inner }) => inner));
}

/** Whether a use begins after the call in which the pool was moved has ended. */
function isUsedAfter(context: Context, view: TxView, cluster: ReadonlySet<Address>, move: Moved): boolean {
  const { uses } = context.params;
  if (view.trace === undefined)
    return isUse(context, view) && view.logs.some((l) => l.index > move.logIndex && context.watched.has(l.address));
  const moved = walk(view.trace).find((v) => !v.reverted && !v.isStatic && v.context === move.pool);
  if (moved === undefined) return false;
  const answers = answersTo(view, cluster, context.watched);
  return entriesInto(view.trace, context.watched).some(
    (v) =>
      !v.isStatic && !answers.has(v) && v.order > moved.end && (uses.length === 0 || uses.includes(selectorOfVisit(v))),
  );
}
