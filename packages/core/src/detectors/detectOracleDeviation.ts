import type { Ewma } from "../math/ewma.ts";
import { median } from "../math/median.ts";
import { toPlainNumber } from "../math/ratio.ts";
import { addSample, type Sample, twapOf } from "../math/twap.ts";
import type { Detector } from "../model/Detector.ts";
import { type LimitRule, proposeLimit, toldOf } from "../model/proposeLimit.ts";
import { numberOf, readOf } from "../model/Reading.ts";
import { askedWithin, judgeAsked, referenceOf } from "./oracleDeviation/judgeAsked.ts";
import {
  type OracleDeviationContext as Context,
  type OracleDeviationParams,
  oracleDeviationParams,
  tell,
  type WatchedFeed,
} from "./oracleDeviation/OracleDeviationParams.ts";

export type { OracleDeviationParams, WatchedFeed } from "./oracleDeviation/OracleDeviationParams.ts";

// A fifth above what one block in a thousand is beyond; a feed that never stirs keeps a quarter of a per cent.
const habit: LimitRule = { share: 0.001, factor: 1.2, least: 0.0025 };

/**
 * Oracle deviation: a feed far from its references, or a jump out of its own habit.
 *
 *   d = |P − Pref| / Pref, Pref = median(references, the feed's own TWAP)          high at d > max, critical never
 *   jump: |ln(P_t / P_t−1)| > k · sigma · sqrt(dt), sigma² = EWMA(0.94) of (ln-return / sqrt(dt))²   medium, high at 2k
 *
 *   asked: what the feed answered within a transaction, by the call tree, is judged by d like the block's price, against
 *   references of the parent and of the block, whichever is nearer: a price that is back at the block's end      high
 *
 * A return is taken from change to change of the feed, because a feed that stands still between updates would have a
 * variance near zero. A feed that cannot be read, or answers 0 or less, is told as high. An answer within
 * a transaction counts where a protected address asked for it, itself or through others.
 * Evasion: references that follow the same source; drifting slower than the mean; a protocol that computes its price itself
 * from a pool's reserves asks no feed, and the pool's price within a transaction is then left to impact-then-use.
 * Source: RiskMetrics 1996 for the decay; k = 6, 2 % for majors and 5 % for tails by design judgement.
 * Calibration: max by feed, from its own history of d (`testudo calibrate`); a jump is measured by the feed's own variance.
 */
export const detectOracleDeviation: Detector<OracleDeviationParams> = {
  meta: {
    id: "oracle-deviation",
    version: "1.1.0",
    class: "anomaly",
    needs: { all: ["S"], degraded: ["T"] },
    finality: "finalized",
    runbook: "docs/requirements/detectors.md#oracle-deviation",
    owner: "risk",
  },
  frameLogs: [],
  params: oracleDeviationParams,
  defaults: { feeds: [], jumpSigmas: 6, minSamples: 20, minSigma: 1e-5 },
  calibrate(observed, { feeds }) {
    const proposals = feeds.map(({ name }) => proposeLimit(observed.get(`deviation ${name}`) ?? [], habit));
    return {
      settings: { feeds: feeds.map((one, i) => ({ ...one, maxDeviation: proposals[i]?.limit ?? one.maxDeviation })) },
      evidence: feeds.flatMap(({ name, maxDeviation }, i) =>
        toldOf(`maxDeviation of "${name}"`, maxDeviation, proposals[i]),
      ),
    };
  },
  detect(context) {
    const { feeds } = context.params;
    if (feeds.length === 0 || !context.block.has.includes("S")) return;
    const readings = feeds.flatMap((f) => [f.feed, ...f.references]);
    const asked = askedWithin(context);
    const answers = context.readAll([
      ...readings.map((r) => readOf(r, "block")),
      ...asked.flatMap(({ watched }) => watched.references.map((r) => readOf(r, "parent"))),
    ]);
    let before = readings.length;
    for (const one of asked) {
      const { references } = one.watched;
      const at = readings.indexOf(one.watched.feed) + 1;
      judgeAsked(context, one, [
        referenceOf(references, answers.slice(before, before + references.length)),
        referenceOf(references, answers.slice(at, at + references.length)),
      ]);
      before += references.length;
    }
    let at = 0;
    for (const watched of feeds) {
      const [price, ...references] = [watched.feed, ...watched.references].map((r) => numberOf(r, answers[at++]));
      if (price === undefined || !(price > 0)) tellUnusable(context, watched, price);
      else judge(context, watched, price, references.filter((p) => p !== undefined && p > 0) as number[]);
    }
  },
};

function judge(context: Context, watched: WatchedFeed, price: number, references: readonly number[]): void {
  const now = Number(context.block.ref.timestamp);
  const key = `samples:${watched.name}`;
  const samples = (context.memory.get(key) ?? []) as readonly Sample[];
  const twap = watched.twapSeconds > 0 ? twapOf(samples, now, watched.twapSeconds) : undefined;
  judgeDeviation(context, watched, price, twap === undefined ? references : [...references, twap], twap);
  const last = samples.at(-1);
  if (last !== undefined && last[1] === price) return;
  context.memory.set(key, addSample(samples, [now, price], Math.max(watched.twapSeconds, 1)));
  if (last !== undefined) judgeJump(context, watched, last, [now, price]);
}

function judgeDeviation(
  context: Context,
  watched: WatchedFeed,
  price: number,
  references: readonly number[],
  twap: number | undefined,
): void {
  const reference = median(references);
  if (reference === undefined || reference <= 0) return;
  const deviation = Math.abs(price - reference) / reference;
  context.observe(`deviation ${watched.name}`, deviation);
  if (deviation <= watched.maxDeviation) return;
  tell(context, watched, "deviation", "high", Math.min(1, deviation / (10 * watched.maxDeviation)), {
    reason: `Feed "${watched.name}" is ${(deviation * 100).toFixed(2)} % off its references.`,
    evidence: {
      price: toPlainNumber(price),
      reference: toPlainNumber(reference),
      references: references.map(toPlainNumber),
      twap: twap === undefined ? null : toPlainNumber(twap),
      deviation: toPlainNumber(deviation),
      maxDeviation: watched.maxDeviation,
    },
  });
}

function judgeJump(context: Context, watched: WatchedFeed, [then, before]: Sample, [now, price]: Sample): void {
  const root = Math.sqrt(Math.max(1, now - then));
  const change = Math.log(price / before);
  // The mean return is taken as zero: squares go in, so that the mean of the average is the variance.
  const habit = context.memory.ewma(`square:${watched.name}`, (change / root) ** 2, 0.94) as Ewma | undefined;
  if (habit === undefined || habit.count < context.params.minSamples) return;
  const sigma = Math.max(Math.sqrt(habit.mean), context.params.minSigma);
  const sigmas = Math.abs(change) / (sigma * root);
  if (sigmas <= context.params.jumpSigmas) return;
  const severity = sigmas > 2 * context.params.jumpSigmas ? "high" : "medium";
  tell(context, watched, "jump", severity, Math.min(1, sigmas / (10 * context.params.jumpSigmas)), {
    reason: `Feed "${watched.name}" jumped by ${(Math.expm1(change) * 100).toFixed(2)} %, ${sigmas.toFixed(1)} standard deviations.`,
    evidence: {
      before: toPlainNumber(before),
      price: toPlainNumber(price),
      seconds: now - then,
      sigmaPerRootSecond: sigma,
      sigmas: toPlainNumber(sigmas),
      limit: context.params.jumpSigmas,
      samples: habit.count,
    },
  });
}

function tellUnusable(context: Context, watched: WatchedFeed, price: number | undefined): void {
  tell(context, watched, "unusable", "high", 1, {
    reason: `Feed "${watched.name}" ${price === undefined ? "gives no answer" : "answers zero or less"}.`,
    evidence: { price: price === undefined ? null : toPlainNumber(price) },
  });
}
