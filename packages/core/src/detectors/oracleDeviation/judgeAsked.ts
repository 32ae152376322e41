// What a feed answered within a transaction, by the call tree. A price that was pushed away and is back at the block's end is
// seen here alone.
import { median } from "../../math/median.ts";
import { toPlainNumber } from "../../math/ratio.ts";
import { type Visit, walk } from "../../model/CallTree.ts";
import type { Address, Hex } from "../../model/Hex.ts";
import { numberOf, type Reading } from "../../model/Reading.ts";
import { type OracleDeviationContext, tell, type WatchedFeed } from "./OracleDeviationParams.ts";

/** What a feed answered within the block's transactions: its lowest and highest, and where. */
export interface Asked {
  readonly watched: WatchedFeed;
  readonly answers: readonly { readonly price: number; readonly tx: Hex }[];
}

/** The answers of each feed that has references; only those that a protected address asked for, itself or through others. */
export function askedWithin({ txs, params, watched }: OracleDeviationContext): Asked[] {
  const found = new Map<string, { price: number; tx: Hex }[]>();
  const keys = new Map(params.feeds.map((one) => [`${one.feed.to}${one.feed.data}`, one.feed]));
  for (const { tx, trace } of txs)
    for (const visit of trace === undefined ? [] : walk(trace)) {
      const key = `${visit.frame.to}${visit.frame.input}`;
      const feed = keys.get(key);
      if (feed === undefined || visit.reverted || !isBelow(visit, watched)) continue;
      const price = numberOf(feed, { ok: true, value: visit.frame.output });
      if (price !== undefined && price > 0) found.set(key, [...(found.get(key) ?? []), { price, tx: tx.hash }]);
    }
  return params.feeds.flatMap((one) => {
    const answers = found.get(`${one.feed.to}${one.feed.data}`);
    return answers === undefined || one.references.length === 0 ? [] : [{ watched: one, answers }];
  });
}

/** The median of what `references` answer; undefined where none does. */
export function referenceOf(
  references: readonly Reading[],
  answers: Parameters<typeof numberOf>[1][],
): number | undefined {
  const prices = references.map((reading, i) => numberOf(reading, answers[i]));
  return median(prices.filter((price) => price !== undefined && price > 0) as number[]);
}

/** Tells the answer that was furthest off the nearer of both references. */
export function judgeAsked(
  context: OracleDeviationContext,
  { watched, answers }: Asked,
  references: readonly (number | undefined)[],
): void {
  const known = references.filter((price) => price !== undefined);
  if (known.length === 0) return;
  const offs = answers.map(({ price, tx }) => {
    const deviations = known.map((reference) => Math.abs(price - reference) / reference);
    return { price, tx, deviation: Math.min(...deviations) };
  });
  const worst = offs.reduce((a, b) => (b.deviation > a.deviation ? b : a));
  if (worst.deviation <= watched.maxDeviation) return;
  tell(context, watched, "asked", "high", Math.min(1, worst.deviation / (10 * watched.maxDeviation)), {
    reason: `Feed "${watched.name}" answered ${(worst.deviation * 100).toFixed(2)} % off its references within a transaction.`,
    txHash: worst.tx,
    evidence: {
      price: toPlainNumber(worst.price),
      references: known.map(toPlainNumber),
      deviation: toPlainNumber(worst.deviation),
      maxDeviation: watched.maxDeviation,
      answers: answers.length,
    },
  });
}

function isBelow(visit: Visit, set: ReadonlySet<Address>): boolean {
  for (let at = visit.parent; at !== undefined; at = at.parent) if (set.has(at.context)) return true;
  return false;
}
