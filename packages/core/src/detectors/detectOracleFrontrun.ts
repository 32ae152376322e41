import { z } from "zod";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { Address, Hex } from "../model/Hex.ts";
import { addToRing, ringOf } from "../model/Ring.ts";
import type { TxView } from "../model/TxView.ts";
import { gainOver, isSameActor, type Pass, passesOf } from "./oracleFrontrun/passesOf.ts";

export interface OracleFrontrunParams {
  /** Contracts whose events tell of a new price: feeds, aggregators, keepers' books. */
  readonly oracles: readonly string[];
  /** Pairs by one actor within `seconds` from which it is told as medium; twice as many are high. */
  readonly pairs: number;
  readonly seconds: number;
}

/**
 * Oracle front-run: the same actors pass before and after a price update, and gain; or before and after somebody else.
 *
 *   pair: A deals with P, then the oracle speaks or V deals with P, then A deals with P again, all in one block; over both
 *   dealings A ends with more of an asset that P lost and with less of none
 *   low: one pair; medium: n pairs of one A within W; high: 2 n
 *
 * A keeper who posts a price and executes others' orders around it gains nothing of P's; a liquidator passes once, after the
 * update; both are no pair. Pending transactions are judged by running this on a simulated block that holds them.
 * Source: design judgement; n = 3, W = 1 h. Calibration: theta(b) of pairs an hour. Degraded without T and H: contracts
 * of one owner are not joined.
 * Evasion: another contract and sender for the second leg; legs in different blocks; a profit taken through a third venue.
 */
export const detectOracleFrontrun: Detector<OracleFrontrunParams> = {
  meta: {
    id: "oracle-frontrun",
    version: "1.0.0",
    class: "anomaly",
    needs: { all: ["L"], degraded: ["T", "H"] },
    finality: "finalized",
    runbook: "docs/requirements/catalogue.md#oracle-frontrun",
    owner: "risk",
  },
  frameLogs: [],
  params: z
    .object({
      oracles: z.array(z.string().regex(/^0x[0-9a-f]{40}$/)).max(256),
      pairs: z.number().int().min(1).max(64),
      seconds: z.number().int().min(1).max(86_400),
    })
    .strict(),
  defaults: { oracles: [], pairs: 3, seconds: 3_600 },
  detect(context) {
    const passes = passesOf(context.txs, context.watched, context.deployerOf);
    if (passes.length < 2) return;
    for (const subject of new Set(passes.map((p) => p.subject))) {
      const own = passes.filter((p) => p.subject === subject);
      for (const pair of pairsIn(context, own)) tell(context, pair);
    }
  },
};

type Context = DetectContext<OracleFrontrunParams>;

interface Pair {
  readonly first: Pass;
  readonly last: Pass;
  readonly between: "update" | "victim";
  readonly middle: Hex;
  readonly gain: NonNullable<ReturnType<typeof gainOver>>;
}

// A block of a thousand passes by one actor has a million pairs: each pass is held against the next few alone.
const reach = 8;

/** Each pass ends at most one pair, with the nearest earlier pass of the same actors that something lies between. */
function pairsIn(context: Context, passes: readonly Pass[]): Pair[] {
  const pairs: Pair[] = [];
  passes.forEach((_, i) => {
    for (let j = i - 1; j >= Math.max(0, i - reach); j--) {
      const pair = pairOf(context, passes, j, i);
      if (pair === undefined) continue;
      pairs.push(pair);
      return;
    }
  });
  return pairs;
}

function pairOf(context: Context, passes: readonly Pass[], j: number, i: number): Pair | undefined {
  const [first, last] = [passes[j]!, passes[i]!];
  if (!isSameActor(first, last)) return undefined;
  const update = updateBetween(context, first.view, last.view);
  const victim = passes.slice(j + 1, i).find((p) => !isSameActor(p, first) && !isSameActor(p, last));
  const middle = update ?? victim?.view;
  const gain = middle === undefined ? undefined : gainOver(first, last);
  if (middle === undefined || gain === undefined) return undefined;
  return { first, last, between: update === undefined ? "victim" : "update", middle: middle.tx.hash, gain };
}

function updateBetween({ txs, params }: Context, first: TxView, last: TxView): TxView | undefined {
  return txs
    .slice(first.tx.index + 1, last.tx.index)
    .find(({ logs }) => logs.some(({ address }) => params.oracles.includes(address)));
}

// Pairs of an hour; a block holds few, and older ones fall out.
const maxPairs = 512;

function tell(context: Context, { first, last, between, middle, gain }: Pair): void {
  const { memory, params, block } = context;
  const now = Number(block.ref.timestamp);
  const key = `pairs:${first.subject}`;
  const actors = [...first.actors].filter((a) => last.actors.has(a));
  addToRing(memory, key, [now, ...actors.slice(0, 8)], maxPairs);
  const seen = ringOf<readonly [number, ...Address[]]>(memory, key).filter(
    ([at, ...others]) => now - Number(at) < params.seconds && others.some((a) => actors.includes(a)),
  );
  const count = seen.length;
  context.finding({
    severity: count >= 2 * params.pairs ? "high" : count >= params.pairs ? "medium" : "low",
    subject: first.subject,
    reason: `One actor dealt with ${first.subject} before and after ${between === "update" ? "a price update" : "another"} and gained; ${count} times within ${params.seconds} s.`,
    txHash: last.view.tx.hash,
    addresses: actors.slice(0, 16),
    key: [actors[0] ?? first.view.tx.from, between],
    score: Math.min(1, count / (4 * params.pairs)),
    evidence: {
      between,
      txs: [first.view.tx.hash, middle, last.view.tx.hash],
      actors: actors.slice(0, 16),
      gainAsset: gain.asset,
      gain: gain.amount,
      pairs: count,
      seconds: params.seconds,
    },
  });
}
