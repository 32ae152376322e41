import { z } from "zod";
import { toPlainNumber } from "../math/ratio.ts";
import {
  type Deviation,
  deviationOf,
  emptyProfile,
  hoursOfWeek,
  learnHour,
  type WeekProfile,
} from "../math/weekProfile.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import { type Address, wordAt } from "../model/Hex.ts";
import { touchedBy } from "../signs/touchedBy.ts";

/** The sum of an event's amount, besides how often an address is dealt with. */
export interface VolumeSeries {
  readonly name: string;
  readonly subject: string;
  /** Who emits, the event's topic 0, and which word of its data is the amount, in the unit of `decimals`. */
  readonly emitter: string;
  readonly topic: string;
  readonly word: number;
  readonly decimals: number;
}

export interface VolumeParams {
  readonly series: readonly VolumeSeries[];
  /** Robust standard deviations beyond which an hour is told. */
  readonly maxZ: number;
  /** Least scale of ln(1 + v); z times it is the least change that is told. */
  readonly minMad: number;
}

const address = z.string().regex(/^0x[0-9a-f]{40}$/, "a lower-case address");

/**
 * Volume: an hour that is nothing like the same hour of other weeks.
 *
 *   y = ln(1 + v), v = transactions that touch the address, or the sum of an event's amount, in an hour
 *   r = y − level(hour of the week), level: EWMA of weeks with weight 1/3
 *   z = (r − median r) / max(1.4826 · MAD r, minMad) over the last two weeks of hours
 *   too much: z > k, told within the hour; too little: z < −k, told when the hour is over      low, medium at 2 k
 *
 * Source: design judgement; k = 8, minMad 0.2, so that at least a factor of 5 is told. Calibration: the profile is the
 * history; k by theta(b). Nothing is told before each hour was seen twice.
 * Evasion: growing week by week; value moved without the named event.
 */
export const detectVolume: Detector<VolumeParams> = {
  meta: {
    id: "volume",
    version: "1.0.0",
    class: "anomaly",
    needs: { all: ["L", "H"], degraded: ["T"] },
    finality: "finalized",
    runbook: "docs/requirements/catalogue.md#volume",
    owner: "risk",
  },
  frameLogs: [],
  params: z
    .object({
      series: z
        .array(
          z
            .object({
              name: z.string().min(1),
              subject: address,
              emitter: address,
              topic: z.string().regex(/^0x[0-9a-f]{64}$/),
              word: z.number().int().min(0).max(63).default(0),
              decimals: z.number().int().min(0).max(77).default(18),
            })
            .strict(),
        )
        .max(64),
      maxZ: z.number().positive(),
      minMad: z.number().positive(),
    })
    .strict(),
  defaults: { series: [], maxZ: 8, minMad: 0.2 },
  detect(context) {
    const touches = new Map<Address, number>();
    for (const view of context.txs)
      for (const subject of touchedBy(view, context.watched)) touches.set(subject, (touches.get(subject) ?? 0) + 1);
    for (const subject of context.watched) advance(context, "touches", subject, touches.get(subject) ?? 0);
    for (const series of context.params.series)
      advance(context, series.name, series.subject as Address, amountIn(context, series));
  },
};

type Context = DetectContext<VolumeParams>;

function amountIn({ block }: Context, { emitter, topic, word, decimals }: VolumeSeries): number {
  return block.logs.reduce((sum, log) => {
    if (log.address !== emitter || log.topics[0] !== topic) return sum;
    const amount = wordAt(log.data, word);
    return sum + (amount === undefined ? 0 : Number(amount) / 10 ** decimals);
  }, 0);
}

/** The hour that is open: hours since 1970, and what has come together in it. */
type Open = readonly [hour: number, value: number];

function advance(context: Context, name: string, subject: Address, value: number): void {
  const { memory, block, params } = context;
  const now = Math.floor(Number(block.ref.timestamp) / 3_600);
  const [openKey, profileKey] = [`open:${name}:${subject}`, `profile:${name}:${subject}`];
  const [hour, before] = (memory.get(openKey) ?? [now, 0]) as Open;
  if (now > hour) {
    const profile = (memory.get(profileKey) ?? emptyProfile) as WeekProfile;
    const closed = deviationOf(profile, hour % hoursOfWeek, before, params.minMad);
    if (closed !== undefined && closed.z < -params.maxZ) tell(context, name, subject, [hour, before], closed);
    memory.set(profileKey, learnThrough(profile, [hour, before], now));
  }
  const sum = now > hour ? value : before + value;
  if (value === 0 && now === hour && memory.get(openKey) !== undefined) return;
  memory.set(openKey, [now, toPlainNumber(sum)]);
  if (value === 0) return;
  const profile = (memory.get(profileKey) ?? emptyProfile) as WeekProfile;
  const deviation = deviationOf(profile, now % hoursOfWeek, sum, params.minMad);
  if (deviation !== undefined && deviation.z > params.maxZ) tell(context, name, subject, [now, sum], deviation);
}

/** The hours between were hours with nothing. After more than two weeks away the habit is unknown again. */
function learnThrough(profile: WeekProfile, [hour, value]: Open, now: number): WeekProfile {
  if (now - hour > 2 * hoursOfWeek) return emptyProfile;
  let learned = learnHour(profile, hour % hoursOfWeek, value);
  for (let h = hour + 1; h < now; h++) learned = learnHour(learned, h % hoursOfWeek, 0);
  return learned;
}

function tell(context: Context, name: string, subject: Address, [hour, value]: Open, deviation: Deviation): void {
  const { z: size, usual, residual, median, mad } = deviation;
  const { maxZ } = context.params;
  context.finding({
    severity: Math.abs(size) > 2 * maxZ ? "medium" : "low",
    subject,
    reason: `${name} of ${subject} is ${toPlainNumber(value)} in this hour, usually ${usual.toFixed(1)}: ${Math.abs(size).toFixed(1)} deviations too ${size > 0 ? "much" : "little"}.`,
    key: [name, size > 0 ? "high" : "low", `${hour}`],
    score: Math.min(1, Math.abs(size) / (4 * maxZ)),
    evidence: {
      series: name,
      hour,
      value: toPlainNumber(value),
      usual: toPlainNumber(usual),
      residual: toPlainNumber(residual),
      medianResidual: toPlainNumber(median),
      mad: toPlainNumber(mad),
      z: toPlainNumber(size),
      maxZ,
    },
  });
}
