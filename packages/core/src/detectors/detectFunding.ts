import { z } from "zod";
import { median } from "../math/median.ts";
import { toPlainNumber } from "../math/ratio.ts";
import { robustZ } from "../math/robustZ.ts";
import { wadNumber } from "../math/wadNumber.ts";
import type { Plain } from "../model/canonicalJson.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { FindingDraft } from "../model/Finding.ts";
import type { FundingBounds, PerpAdapter, PerpMarket } from "../model/PerpAdapter.ts";
import { proposeNumber } from "../model/proposeLimit.ts";
import { askQuery, queryAll } from "../model/Query.ts";
import { addToRing, ringOf } from "../model/Ring.ts";

export interface FundingParams {
  /** A rate this many scaled MADs off its median is told. */
  readonly k: number;
  readonly minSamples: number;
  readonly maxSamples: number;
  /** Least scaled MAD, as a share of the price a day: k times it is the least excursion, 2 % a day by default. */
  readonly minMad: number;
  /** Periods in a row at the cap, and how long one is. */
  readonly capPeriods: number;
  readonly periodSeconds: number;
  /** How far the cumulative funding may be off its formula, as a share of what it moved by. */
  readonly tolerance: number;
}

/**
 * Funding: a rate out of its habit, a rate that stands at its cap, and funding that its own formula does not explain.
 *
 *   |f − median(f)| / max(MAD(f), minMad) > k over the last blocks                    medium, high at 4k        anomaly
 *   |f| at the cap for n periods without a break                                      medium                    anomaly
 *   Δ cumulative outside [least, most] of the protocol's formula for the two blocks   critical                  invariant
 *
 * What one side pays is what the other has got and the protocol has taken only if the index that both are settled by moved
 * as the formula says; so the third line is the conservation of funding, judged before anybody is settled by it. Where the
 * adapter knows no formula, that line is not judged, and the documentation of the adapter says so.
 *
 * Source: design judgement; k = 8, n = 8 of an hour each, tolerance 1e-9. Calibration: `minMad` becomes the threshold of
 * the budget over k on the protocol's own rates; the identity is fixed.
 * Evasion: drifting as slowly as the memory forgets; breaking and mending the index within one block; a rate just below k.
 */
export function detectFunding(adapter: PerpAdapter): Detector<FundingParams> {
  return {
    meta: {
      id: "funding",
      version: "1.0.0",
      class: "anomaly",
      needs: { all: ["S"], degraded: ["H"] },
      finality: "finalized",
      runbook: "docs/requirements/derivatives.md#funding",
      owner: "risk",
    },
    frameLogs: [],
    params: z
      .object({
        k: z.number().positive(),
        minSamples: z.number().int().min(3),
        maxSamples: z.number().int().min(10).max(4_096),
        minMad: z.number().positive(),
        capPeriods: z.number().int().positive(),
        periodSeconds: z.number().int().positive(),
        tolerance: z.number().min(0).max(0.01),
      })
      .strict(),
    defaults: {
      k: 8,
      minSamples: 20,
      maxSamples: 512,
      minMad: 0.0025,
      capPeriods: 8,
      periodSeconds: 3_600,
      tolerance: 1e-9,
    },
    calibrate: (observed, settings) =>
      proposeNumber(observed, settings, ["k", "deviations ", { share: 0.001, factor: 1, least: 4 }]),
    detect(context) {
      if (!context.block.has.includes("S")) return;
      const states = askQuery(context, queryAll(adapter.markets.map((market) => adapter.market(market, "block"))));
      states.forEach((state, i) => {
        if (state?.funding !== undefined) judge({ context, adapter, market: adapter.markets[i]! }, state);
      });
    },
  };
}

interface Case {
  readonly context: DetectContext<FundingParams>;
  readonly adapter: PerpAdapter;
  readonly market: string;
}

function judge(at: Case, state: PerpMarket): void {
  const { context, adapter, market } = at;
  const key = `${adapter.name}:${market}:last`;
  const last = context.memory.get(key) as unknown as PerpMarket | undefined;
  context.memory.set(key, plainOf(state));
  judgeRate(at, wadNumber(state.funding!.rate));
  judgeCap(at, state);
  if (last !== undefined) judgeIdentity(at, last, state);
}

// What is remembered is plain data, in which a field that is not there must not be there as undefined either.
function plainOf(fields: object): Plain {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept.map(([name, value]) => [name, typeof value === "object" ? plainOf(value) : value]));
}

function judgeRate(at: Case, rate: number): void {
  const { context, adapter, market } = at;
  const { params, memory } = context;
  const key = `${adapter.name}:${market}:rates`;
  const past = ringOf<number>(memory, key).map(Number);
  addToRing(memory, key, rate, params.maxSamples);
  if (past.length < params.minSamples) return;
  const z = robustZ(rate, past, params.minMad)!;
  context.observe(`deviations ${market}`, Math.abs(z));
  if (Math.abs(z) <= params.k) return;
  tell(at, "rate", {
    severity: Math.abs(z) > 4 * params.k ? "high" : "medium",
    reason: `Funding of "${market}" is ${percent(rate)} a day, ${Math.abs(z).toFixed(1)} deviations off its habit.`,
    score: Math.min(1, Math.abs(z) / (10 * params.k)),
    evidence: {
      ratePerDay: toPlainNumber(rate),
      median: toPlainNumber(median(past)!),
      deviations: toPlainNumber(z),
      limit: params.k,
      samples: past.length,
    },
  });
}

function judgeCap(at: Case, { funding }: PerpMarket): void {
  const { context, adapter, market } = at;
  const { memory, params, block } = context;
  const { rate, cap } = funding!;
  const key = `${adapter.name}:${market}:atCapSince`;
  const since = memory.get(key) as bigint | undefined;
  // A billionth below counts, for a rate is rounded on its way here.
  const isAtCap = cap !== undefined && cap > 0n && (rate < 0n ? -rate : rate) * 1_000_000_000n >= cap * 999_999_999n;
  if (!isAtCap) {
    if (since !== undefined) memory.set(key, undefined);
    return;
  }
  if (since === undefined) memory.set(key, block.ref.timestamp);
  const seconds = Number(block.ref.timestamp - (since ?? block.ref.timestamp));
  if (seconds < params.capPeriods * params.periodSeconds) return;
  tell(at, "cap", {
    severity: "medium",
    reason: `Funding of "${market}" has stood at its cap for ${Math.floor(seconds / params.periodSeconds)} periods.`,
    score: 0.5,
    evidence: { ratePerDay: toPlainNumber(wadNumber(rate)), cap: toPlainNumber(wadNumber(cap)), seconds },
  });
}

function judgeIdentity(at: Case, before: PerpMarket, after: PerpMarket): void {
  const [from, to] = [before.funding!.cumulative, after.funding!.cumulative];
  const bounds = at.adapter.fundingBounds?.(at.market, before, after);
  if (from === undefined || to === undefined || bounds === undefined) return;
  const moved = to - from;
  if (isWithin(moved, bounds, at.context.params.tolerance)) return;
  tell(at, "identity", {
    severity: "critical",
    class: "invariant",
    reason: `Funding of "${at.market}" moved by ${wadNumber(moved)} a unit; its formula allows ${wadNumber(bounds.least)} to ${wadNumber(bounds.most)}.`,
    score: 1,
    evidence: { moved, ...bounds, from, to, tolerance: at.context.params.tolerance },
  });
}

function isWithin(moved: bigint, { least, most }: FundingBounds, tolerance: number): boolean {
  const largest = [least, most].map((x) => (x < 0n ? -x : x)).reduce((a, b) => (a > b ? a : b));
  // Two units for two roundings, beside the share.
  const slack = 2n + (largest * BigInt(Math.round(tolerance * 1e12))) / 10n ** 12n;
  return moved >= least - slack && moved <= most + slack;
}

function tell(
  { context, adapter, market }: Case,
  kind: string,
  draft: Pick<FindingDraft, "severity" | "reason" | "score" | "evidence" | "class">,
): void {
  const evidence = { kind, market, ...draft.evidence };
  context.finding({ ...draft, evidence, subject: adapter.subject, key: [adapter.name, market, kind] });
}

const percent = (share: number) => `${(share * 100).toPrecision(3)} %`;
