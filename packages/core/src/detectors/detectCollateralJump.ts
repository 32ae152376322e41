import { z } from "zod";
import { median, scaledMad } from "../math/median.ts";
import { toPlainNumber } from "../math/ratio.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { Address } from "../model/Hex.ts";
import { numberOf, type Reading, readingSchema, readOf } from "../model/Reading.ts";
import { addToRing, ringOf } from "../model/Ring.ts";

/** An account, or the whole system, whose collateral and debt are followed. */
export interface WatchedPosition {
  readonly name: string;
  readonly subject: string;
  readonly collateral: Reading;
  readonly debt: Reading;
  /** Price that explains moves of the ratio, with its weight `beta`. */
  readonly price?: Reading | undefined;
  readonly beta: number;
}

export interface CollateralJumpParams {
  readonly positions: readonly WatchedPosition[];
  /** Residuals beyond this many scaled MADs are told. */
  readonly k: number;
  readonly minSamples: number;
  /** Least scaled MAD, so that a ratio that hardly moved does not page on a first trade: k times it is the least jump. */
  readonly minMad: number;
  /** Residuals kept, one a block. */
  readonly maxSamples: number;
}

const position = z
  .object({
    name: z.string().min(1),
    subject: z.string().regex(/^0x[0-9a-f]{40}$/),
    collateral: readingSchema,
    debt: readingSchema,
    price: readingSchema.optional(),
    beta: z.number().default(1),
  })
  .strict();

/**
 * Collateral jump: the ratio of collateral to debt moves in a way that the price does not explain.
 *
 *   r = dln(C/D) − beta · dlnP;   |r − median| > k · max(MAD, minMad) over the last blocks
 *
 * A fall is damage: claims are less covered than a block ago, and no price is the reason (high; critical is left to
 * exact invariants). A rise is an anomaly (medium): collateral was counted up, as by a donation, an inflated share or
 * an oracle that values what was put in. Collateral gone to zero or below with debt left is told at once, as damage.
 * Without a price set beta's part is zero. Source: design judgement; k = 8, least jump 2 %. Not seen: a jump of C and D together.
 */
export const detectCollateralJump: Detector<CollateralJumpParams> = {
  meta: {
    id: "collateral-jump",
    version: "1.0.0",
    class: "damage",
    needs: { all: ["S"], degraded: ["H"] },
    finality: "finalized",
    runbook: "docs/requirements/detectors.md#collateral-jump",
    owner: "risk",
  },
  params: z
    .object({
      positions: z.array(position),
      k: z.number().positive(),
      minSamples: z.number().int().min(3),
      minMad: z.number().positive(),
      maxSamples: z.number().int().min(10).max(4_096),
    })
    .strict(),
  defaults: { positions: [], k: 8, minSamples: 20, minMad: 0.0025, maxSamples: 512 },
  detect(context) {
    const { positions } = context.params;
    if (positions.length === 0 || !context.block.has.includes("S")) return;
    const readings = positions.map((p) => [p.collateral, p.debt, ...(p.price === undefined ? [] : [p.price])]);
    const answers = context.readAll(readings.flat().map((r) => readOf(r, "block")));
    let at = 0;
    positions.forEach((p, i) => {
      const [collateral, debt, price] = readings[i]!.map((r) => numberOf(r, answers[at++]));
      if (collateral !== undefined && debt !== undefined) judge(context, p, collateral, debt, price);
    });
  },
};

type Context = DetectContext<CollateralJumpParams>;

function judge(
  context: Context,
  watched: WatchedPosition,
  collateral: number,
  debt: number,
  price: number | undefined,
): void {
  const { memory, params } = context;
  const key = `last:${watched.name}`;
  const last = memory.get(key) as readonly [number, number | null] | undefined;
  if (debt <= 0) {
    memory.set(key, undefined);
    return;
  }
  if (collateral <= 0) {
    memory.set(key, undefined);
    tell(context, watched, "high", "damage", 1, `"${watched.name}" has debt and no collateral.`, { collateral, debt });
    return;
  }
  const ratio = Math.log(collateral / debt);
  const logPrice = price !== undefined && price > 0 ? Math.log(price) : null;
  memory.set(key, [ratio, logPrice]);
  if (last === undefined) return;
  const priced = last[1] !== null && logPrice !== null ? watched.beta * (logPrice - Number(last[1])) : 0;
  const residual = ratio - Number(last[0]) - priced;
  const past = ringOf<number>(memory, `residuals:${watched.name}`).map(Number);
  addToRing(memory, `residuals:${watched.name}`, residual, params.maxSamples);
  if (past.length < params.minSamples) return;
  const limit = params.k * Math.max(scaledMad(past)!, params.minMad);
  const excess = residual - median(past)!;
  if (Math.abs(excess) <= limit) return;
  const falls = excess < 0;
  tell(
    context,
    watched,
    falls ? "high" : "medium",
    falls ? "damage" : "anomaly",
    Math.min(1, Math.abs(excess) / (10 * limit)),
    `Collateral per debt of "${watched.name}" ${falls ? "fell" : "rose"} by ${(Math.abs(Math.expm1(excess)) * 100).toFixed(2)} % beyond the price.`,
    { collateral, debt, residual, limit, samples: past.length, beta: watched.beta, pricePart: priced },
  );
}

function tell(
  context: Context,
  watched: WatchedPosition,
  severity: "medium" | "high",
  kind: "damage" | "anomaly",
  score: number,
  reason: string,
  figures: Readonly<Record<string, number>>,
): void {
  context.finding({
    severity,
    class: kind,
    subject: watched.subject as Address,
    reason,
    key: [watched.name, kind],
    score,
    evidence: {
      name: watched.name,
      ...Object.fromEntries(Object.entries(figures).map(([k, v]) => [k, toPlainNumber(v)])),
    },
  });
}
