import { z } from "zod";
import { ratioOf, toPlainNumber } from "../math/ratio.ts";
import { addToMinimum, minimumOver, type SlicedMinimum } from "../math/slicedMinimum.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { FindingDraft } from "../model/Finding.ts";
import { type Address, type Hex, wordAt } from "../model/Hex.ts";
import { numberOf, type Reading, readingSchema } from "../model/Reading.ts";
import type { StateAnswer, StateRead } from "../model/StateRead.ts";

/** A reading on the watched chain, or on another one that is named by its id. */
export interface SidedReading extends Reading {
  readonly chainId?: number | undefined;
}

/** What is locked on one side, and what was minted for it on the other. One of them is on the watched chain. */
export interface BridgeRouteWatch {
  readonly name: string;
  readonly subject: string;
  readonly locked: SidedReading;
  readonly minted: SidedReading;
  /** Seconds after which everything that is on its way has arrived. */
  readonly lagSeconds: number;
}

/** A figure of a bridge's security that has to stay within bounds: a number of attestors, the age of a root. */
export interface BridgeBound {
  readonly name: string;
  readonly subject: string;
  readonly reading: SidedReading;
  readonly least?: number | undefined;
  readonly most?: number | undefined;
}

export interface BridgeUnbackedParams {
  readonly routes: readonly BridgeRouteWatch[];
  readonly bounds: readonly BridgeBound[];
  /** Share of what is locked by which the minted may exceed it. */
  readonly tolerance: number;
  /** Excess, as a share of what is locked, that is told before the lag is over. */
  readonly atOnce: number;
}

const address = z.string().regex(/^0x[0-9a-f]{40}$/, "a lower-case address");
const sided = readingSchema.extend({ chainId: z.number().int().positive().optional() });

/**
 * Bridge unbacked: more is minted on one chain than is locked for it on the other.
 *
 *   excess = minted − locked, both in 18 decimals, the other chain read at its newest block after this one was seen
 *   min over the lag of excess > tolerance · locked      critical, as damage
 *   excess > 5 % of locked now      high: it may be in flight, but not often so much
 *   a figure out of its bounds (attestors below the floor, a zero root that is accepted)      high
 *   what cannot be read: low; never "backed"
 *
 * What is locked and not yet minted, or burnt and not yet released, makes the excess smaller. What moves between the two
 * readings makes it larger for a moment, and never for a whole lag. Both ways of theft show: a mint that nobody locked
 * for, and a release that nobody burnt for. Source: Nomad 2022-08, KelpDAO 2026-04. Defaults: lag 1 h, tolerance 0,
 * 5 %. Calibration: lag = twice the 99th percentile of past messages (`calibrateLag`).
 * Evasion: a theft smaller than what is in flight all the time; books that lie on both chains.
 */
export const detectBridgeUnbacked: Detector<BridgeUnbackedParams> = {
  meta: {
    id: "bridge-unbacked",
    version: "1.0.0",
    class: "anomaly",
    needs: { all: ["S"], degraded: ["H"] },
    finality: "finalized",
    runbook: "docs/requirements/catalogue.md#bridge-unbacked",
    owner: "protocol",
  },
  frameLogs: [],
  params: z
    .object({
      routes: z
        .array(
          z
            .object({
              name: z.string().min(1),
              subject: address,
              locked: sided,
              minted: sided,
              lagSeconds: z.number().int().min(60).max(2_592_000).default(3_600),
            })
            .strict(),
        )
        .max(64),
      bounds: z
        .array(
          z
            .object({
              name: z.string().min(1),
              subject: address,
              reading: sided,
              least: z.number().optional(),
              most: z.number().optional(),
            })
            .strict()
            .refine(({ least, most }) => least !== undefined || most !== undefined, {
              error: "Allowed: at least one of `least` and `most`.",
            }),
        )
        .max(64),
      tolerance: z.number().min(0).max(1),
      atOnce: z.number().positive(),
    })
    .strict(),
  defaults: { routes: [], bounds: [], tolerance: 0, atOnce: 0.05 },
  detect(context) {
    const { routes, bounds } = context.params;
    const readings = [...routes.flatMap(({ locked, minted }) => [locked, minted]), ...bounds.map((b) => b.reading)];
    if (readings.length === 0) return;
    const answers = context.readAll(readings.map(readOf));
    for (const [i, route] of routes.entries()) judgeRoute(context, route, answers[2 * i]!, answers[2 * i + 1]!);
    for (const [i, bound] of bounds.entries()) judgeBound(context, bound, answers[2 * routes.length + i]!);
  },
};

type Context = DetectContext<BridgeUnbackedParams>;

function readOf({ to, data, chainId }: SidedReading): StateRead {
  const call = { at: "block" as const, to: to as Address, data: data as Hex };
  return chainId === undefined ? { kind: "call", ...call } : { kind: "remote", chainId, ...call };
}

/** An amount in 18 decimals, rounded down. */
function amountOf({ word, decimals }: SidedReading, answer: StateAnswer): bigint | undefined {
  const raw = answer.ok ? wordAt(answer.value, word) : undefined;
  return raw === undefined ? undefined : (raw * 10n ** 18n) / 10n ** BigInt(decimals);
}

function judgeRoute(
  context: Context,
  route: BridgeRouteWatch,
  lockedAnswer: StateAnswer,
  mintedAnswer: StateAnswer,
): void {
  const [locked, minted] = [amountOf(route.locked, lockedAnswer), amountOf(route.minted, mintedAnswer)];
  if (locked === undefined || minted === undefined) {
    tellUnread(context, route, locked === undefined ? "what is locked" : "what is minted");
    return;
  }
  const { memory, params, block } = context;
  const now = Number(block.ref.timestamp);
  const key = `excess:${route.name}`;
  const excess = minted - locked;
  const samples = addToMinimum((memory.get(key) ?? []) as SlicedMinimum, now, excess, route.lagSeconds);
  memory.set(key, samples);
  const least = minimumOver(samples, now, route.lagSeconds);
  const figures = { locked, minted, excess, lagSeconds: route.lagSeconds, ...refOf(lockedAnswer, mintedAnswer) };
  const share = ratioOf(excess, locked);
  if (least !== undefined && isAbove(least, locked, params.tolerance)) {
    tell(context, route, {
      severity: "critical",
      class: "damage",
      reason: `"${route.name}" has ${(Math.min(share, 1e6) * 100).toFixed(2)} % more minted than locked, for longer than anything is on its way.`,
      key: [route.name, "unbacked"],
      score: 1,
      evidence: { kind: "unbacked", ...figures, leastExcess: least, tolerance: params.tolerance },
    });
  } else if (share > params.atOnce)
    tell(context, route, {
      severity: "high",
      reason: `"${route.name}" has ${(Math.min(share, 1e6) * 100).toFixed(2)} % more minted than locked.`,
      key: [route.name, "excess"],
      score: Math.min(1, share),
      evidence: { kind: "excess", ...figures, share: toPlainNumber(share), atOnce: params.atOnce },
    });
}

function isAbove(excess: bigint, locked: bigint, tolerance: number): boolean {
  return excess * 1_000_000_000n > locked * BigInt(Math.round(tolerance * 1e9));
}

/** The other chain's block, so that a reader can look there too. */
function refOf(...answers: readonly StateAnswer[]) {
  const ref = answers.flatMap((answer) => (answer.ok && answer.ref !== undefined ? [answer.ref] : []))[0];
  return ref === undefined ? {} : { remoteBlock: ref.number, remoteHash: ref.hash };
}

function judgeBound(context: Context, bound: BridgeBound, answer: StateAnswer): void {
  const { name, reading, least, most } = bound;
  const value = numberOf(reading, answer);
  if (value === undefined) {
    tellUnread(context, bound, "its figure");
    return;
  }
  const isLow = least !== undefined && value < least;
  if (!isLow && !(most !== undefined && value > most)) return;
  tell(context, bound, {
    severity: "high",
    reason: `"${name}" is ${toPlainNumber(value)}, ${isLow ? `at least ${least}` : `at most ${most}`} is needed.`,
    key: [name, "bound"],
    score: 1,
    evidence: {
      kind: "bound",
      value: toPlainNumber(value),
      least: least ?? null,
      most: most ?? null,
      ...refOf(answer),
    },
  });
}

function tellUnread(context: Context, one: { readonly name: string; readonly subject: string }, what: string): void {
  tell(context, one, {
    severity: "low",
    reason: `"${one.name}": ${what} cannot be read.`,
    key: [one.name, "unread"],
    score: 0,
    evidence: { kind: "unread", what },
  });
}

function tell(
  context: Context,
  { name, subject }: { readonly name: string; readonly subject: string },
  draft: Omit<FindingDraft, "subject">,
): void {
  context.finding({ ...draft, subject: subject as Address, evidence: { name, ...draft.evidence } });
}
