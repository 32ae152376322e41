import type { Severity } from "@testudo/core/model/Finding";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { emptyCounts, type ReplayCounts } from "../mainnet/replayCounts.ts";
import type { JudgedBlock } from "./judgeRecordedBlock.ts";

/** A critical finding about ordinary traffic: false, as far as anybody knows. */
export interface FalseCritical {
  readonly block: number;
  readonly tx: Hex | null;
  readonly subject: Address;
  readonly detector: string;
  readonly reason: string;
}

/** What watchers said about ordinary mainnet blocks. */
export interface JudgedCounts extends ReplayCounts {
  readonly blocks: number;
  /** Pairs of a judged transaction and a contract taken as protected; see `unitsOf`. */
  readonly units: { readonly total: number; readonly direct: number; readonly withOutflow: number };
  /** Judged transactions that touch at least one contract. */
  readonly touching: number;
  /** Watchers that ran: one for each contract of each block. */
  readonly watchers: number;
  readonly findings: Partial<Record<Severity, Readonly<Record<string, number>>>>;
  readonly falseCriticals: readonly FalseCritical[];
}

/** The counts of no block. */
export function emptyJudgedCounts(): JudgedCounts {
  const units = { total: 0, direct: 0, withOutflow: 0 };
  return { ...emptyCounts(), blocks: 0, units, touching: 0, watchers: 0, findings: {}, falseCriticals: [] };
}

/** `counts` with one block more. */
export function addJudged(counts: JudgedCounts, block: JudgedBlock): JudgedCounts {
  const { units } = block;
  return {
    ...counts,
    ...sumReplays(counts, block.counts),
    blocks: counts.blocks + 1,
    units: {
      total: counts.units.total + units.length,
      direct: counts.units.direct + units.filter((u) => u.isDirect).length,
      withOutflow: counts.units.withOutflow + units.filter((u) => u.hasOutflow).length,
    },
    touching: counts.touching + new Set(units.map((u) => u.tx)).size,
    watchers: counts.watchers + new Set(units.map((u) => u.subject)).size,
    findings: sumFindings(counts.findings, block),
    falseCriticals: [...counts.falseCriticals, ...falseCriticalsOf(block)],
  };
}

function sumReplays(a: ReplayCounts, b: ReplayCounts): ReplayCounts {
  const skipped = { ...a.skipped };
  for (const [reason, count] of Object.entries(b.skipped) as [keyof typeof skipped, number][])
    skipped[reason] = (skipped[reason] ?? 0) + count;
  return {
    transactions: a.transactions + b.transactions,
    judged: a.judged + b.judged,
    skipped,
    contractCalls: {
      total: a.contractCalls.total + b.contractCalls.total,
      judged: a.contractCalls.judged + b.contractCalls.judged,
      succeeded: a.contractCalls.succeeded + b.contractCalls.succeeded,
    },
  };
}

function sumFindings(before: JudgedCounts["findings"], { findings }: JudgedBlock): JudgedCounts["findings"] {
  const sum = structuredClone(before) as Partial<Record<Severity, Record<string, number>>>;
  for (const { severity, detector } of findings) {
    sum[severity] ??= {};
    sum[severity][detector] = (sum[severity][detector] ?? 0) + 1;
  }
  return sum;
}

function falseCriticalsOf({ number, findings }: JudgedBlock): FalseCritical[] {
  return findings
    .filter(({ severity }) => severity === "critical")
    .map(({ txHash, subject, detector, reason }) => ({
      block: Number(number),
      tx: txHash ?? null,
      subject,
      detector,
      reason,
    }));
}

/**
 * The rate of false alarms that `hits` in `trials` do not exclude: the upper end of the one-sided 95 % interval of
 * Clopper and Pearson, 0..1. No hit in 1,000 still allows 0.3 % (EVAL-07).
 */
export function rateNotExcluded(hits: number, trials: number): number {
  if (hits >= trials) return 1;
  let low = hits / trials;
  let high = 1;
  for (let i = 0; i < 60; i++) {
    const rate = (low + high) / 2;
    if (atMost(hits, trials, rate) > 0.05) low = rate;
    else high = rate;
  }
  return high;
}

/** P(X <= hits) for a binomial X, by logarithms: the single terms are too small for a float. */
function atMost(hits: number, trials: number, rate: number): number {
  let term = trials * Math.log1p(-rate);
  let sum = Math.exp(term);
  for (let k = 1; k <= hits; k++) {
    term += Math.log(trials - k + 1) - Math.log(k) + Math.log(rate) - Math.log1p(-rate);
    sum += Math.exp(term);
  }
  return sum;
}
