import { z } from "zod";
import { toPlainNumber } from "../math/ratio.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { Severity } from "../model/Finding.ts";
import { type Address, wordAt } from "../model/Hex.ts";
import { readingSchema } from "../model/Reading.ts";
import type { StateAnswer } from "../model/StateRead.ts";
import { heartbeatOf } from "./oracleStale/calibrateHeartbeat.ts";
import { type AgedFeed, type Round, readsOf, roundOf } from "./oracleStale/Round.ts";

export type { AgedFeed } from "./oracleStale/Round.ts";

export interface OracleStaleParams {
  readonly feeds: readonly AgedFeed[];
  /** Share of the heartbeat that an update may be late by. */
  readonly tolerance: number;
}

const address = z.string().regex(/^0x[0-9a-f]{40}$/, "a lower-case address");
const feed = z
  .object({
    name: z.string().min(1),
    subject: address,
    feed: z.union([
      address,
      z.object({ adapter: address }).strict(),
      z.object({ value: readingSchema, updatedAt: readingSchema }).strict(),
    ]),
    heartbeatSeconds: z.number().int().positive(),
    sequencer: z
      .object({ feed: address, graceSeconds: z.number().int().min(0).default(3_600) })
      .strict()
      .optional(),
  })
  .strict();

/**
 * Oracle stale: a feed that has stopped, gone back, or speaks through a sequencer that is down.
 *
 *   stale: now − updatedAt > heartbeat · (1 + e)      medium, high beyond twice that
 *   round: roundId below the last one seen, or the same round with another time      high
 *   answered: answeredInRound < roundId               medium
 *   value: answer ≤ 0; unread: no answer; future: updatedAt more than a minute ahead of the block      high
 *   fault: what a price adapter says of itself beside the price      high
 *   sequencer: down (high), or up for less than its grace (medium)
 *
 * Source: Chainlink's latestRoundData and L2 sequencer feeds. Defaults: e = 0.1, grace 1 h.
 * Calibration: heartbeat = 1.2 times the longest gap of 30 days (`calibrateHeartbeat`).
 * Evasion: a keeper who repeats an old price with a new time; see oracle-deviation.
 */
export const detectOracleStale: Detector<OracleStaleParams> = {
  meta: {
    id: "oracle-stale",
    version: "1.1.0",
    class: "anomaly",
    needs: { all: ["S"] },
    finality: "finalized",
    runbook: "docs/requirements/catalogue.md#oracle-stale",
    owner: "risk",
  },
  frameLogs: [],
  params: z.object({ feeds: z.array(feed).max(256), tolerance: z.number().min(0).max(10) }).strict(),
  defaults: { feeds: [], tolerance: 0.1 },
  calibrate(observed, { feeds }) {
    const found = feeds.map(({ name }) => heartbeatOf((observed.get(`gap ${name}`) ?? []).map(({ value }) => value)));
    return {
      settings: { feeds: feeds.map((one, i) => ({ ...one, heartbeatSeconds: found[i] ?? one.heartbeatSeconds })) },
      evidence: feeds.flatMap(({ name, heartbeatSeconds }, i) => {
        const after = found[i];
        const samples = observed.get(`gap ${name}`)?.length ?? 0;
        if (after === undefined) return [];
        return [
          {
            setting: `heartbeat of "${name}"`,
            before: heartbeatSeconds,
            after,
            rule: "1.2 times the longest gap",
            samples,
          },
        ];
      }),
    };
  },
  detect(context) {
    const { feeds } = context.params;
    if (feeds.length === 0) return;
    const answers = context.readAll(feeds.flatMap(readsOf));
    let at = 0;
    for (const one of feeds) {
      const own = answers.slice(at, at + readsOf(one).length);
      at += own.length;
      judgeRound(context, one, roundOf(one, own));
      if (one.sequencer !== undefined) judgeSequencer(context, one, own.at(-1)!, one.sequencer.graceSeconds);
    }
  },
};

type Context = DetectContext<OracleStaleParams>;

function judgeRound(context: Context, feed: AgedFeed, round: Round | undefined): void {
  const now = Number(context.block.ref.timestamp);
  if (round === undefined) {
    tell(context, feed, "unread", "high", 1, "gives no answer", {});
    return;
  }
  const { value, updatedAt, round: id, answeredIn } = round;
  const figures = { value: toPlainNumber(value), updatedAt: toPlainNumber(updatedAt), now };
  if (!(value > 0)) tell(context, feed, "value", "high", 1, "answers zero or less", figures);
  noteGap(context, feed, updatedAt);
  const limit = feed.heartbeatSeconds * (1 + context.params.tolerance);
  const age = now - updatedAt;
  if (age > limit)
    tell(
      context,
      feed,
      "stale",
      age > 2 * limit ? "high" : "medium",
      Math.min(1, age / (10 * limit)),
      `is ${age} s old`,
      {
        ...figures,
        limitSeconds: toPlainNumber(limit),
      },
    );
  if (round.fault !== undefined && round.fault !== 0n)
    tell(context, feed, "fault", "high", 1, "calls its own price faulty", { ...figures, fault: round.fault });
  if (age < -60) tell(context, feed, "future", "high", 1, `is dated ${-age} s ahead of its block`, figures);
  if (id === undefined || answeredIn === undefined) return;
  const rounds = { ...figures, round: id, answeredIn };
  if (answeredIn < id)
    tell(context, feed, "answered", "medium", 0.5, "answers from an earlier round than its own", rounds);
  const key = `round:${feed.name}`;
  const last = context.memory.get(key) as readonly [string, number] | undefined;
  if (last !== undefined && isBack([BigInt(last[0]), last[1]], [id, updatedAt]))
    tell(context, feed, "round", "high", 1, "does not count its rounds up", { ...rounds, lastRound: BigInt(last[0]) });
  if (last === undefined || last[0] !== `${id}` || last[1] !== updatedAt)
    context.memory.set(key, [`${id}`, toPlainNumber(updatedAt)]);
}

function noteGap({ memory, observe }: Context, { name }: AgedFeed, updatedAt: number): void {
  const last = memory.get(`updated:${name}`) as number | undefined;
  if (last === updatedAt) return;
  memory.set(`updated:${name}`, toPlainNumber(updatedAt));
  if (last !== undefined && updatedAt > last) observe(`gap ${name}`, updatedAt - last);
}

function isBack([lastId, lastAt]: readonly [bigint, number], [id, at]: readonly [bigint, number]): boolean {
  return id < lastId || (id === lastId && at !== lastAt);
}

function judgeSequencer(context: Context, feed: AgedFeed, answer: StateAnswer, graceSeconds: number): void {
  const now = Number(context.block.ref.timestamp);
  const [status, startedAt] =
    answer.ok === true ? [wordAt(answer.value, 1), wordAt(answer.value, 2)] : [undefined, undefined];
  if (status === undefined || startedAt === undefined || startedAt === 0n) {
    tell(context, feed, "sequencer", "high", 1, "has a sequencer feed that gives no answer", { now });
    return;
  }
  const figures = { status, startedAt, now, graceSeconds };
  if (status !== 0n) tell(context, feed, "sequencer", "high", 1, "speaks while its sequencer is down", figures);
  else if (now - Number(startedAt) < graceSeconds)
    tell(
      context,
      feed,
      "grace",
      "medium",
      0.5,
      `has a sequencer that is up for ${now - Number(startedAt)} s only`,
      figures,
    );
}

function tell(
  context: Context,
  feed: AgedFeed,
  kind: string,
  severity: Severity,
  score: number,
  what: string,
  figures: Readonly<Record<string, number | bigint>>,
): void {
  const { feed: source } = feed;
  const to = typeof source === "string" ? source : "adapter" in source ? source.adapter : source.value.to;
  context.finding({
    severity,
    subject: feed.subject as Address,
    reason: `Feed "${feed.name}" ${what}.`,
    addresses: [to as Address],
    key: [feed.name, kind],
    score,
    evidence: { kind, feed: feed.name, heartbeatSeconds: feed.heartbeatSeconds, ...figures },
  });
}
