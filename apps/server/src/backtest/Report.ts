import { createHash } from "node:crypto";
import { rateNotExcluded } from "@testudo/core/math/binomialInterval";
import { isAtLeast } from "@testudo/core/model/Finding";
import {
  detectorsOf,
  type EmptyBlock,
  type EvaluationCase,
  type JudgedCase,
  type SkippedCase,
  type Stage,
} from "./Case.ts";
import type { SourceFault } from "./CaseSource.ts";
import { evaluate, type Row } from "./evaluate.ts";
import type { IncidentResult } from "./incidents/IncidentResult.ts";
import { mergeCases } from "./mergeCases.ts";
import { type Summary, summarize } from "./summarize.ts";

/** How long judging took, in milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** Cases by the power of two of their milliseconds: [from, count]. */
  readonly histogram: readonly (readonly [fromMs: number, count: number])[];
}

/** What no case in the data shows, as a bound and never as nought (EVAL-07). */
export interface Bound {
  readonly what: string;
  readonly hits: number;
  readonly trials: number;
  /** The rate that these do not exclude, one-sided at 95 %. */
  readonly rateNotExcluded: number;
}

/** The result of a back-test. */
export interface Report extends Summary {
  readonly format: "testudo-backtest/1";
  readonly complete: boolean;
  readonly faults: readonly SourceFault[];
  /** Cases of a transaction that another set has too; they are counted once (EVAL-03). */
  readonly duplicates: number;
  /** What could not be judged for a reason of its own, such as a node's. */
  readonly notJudged: readonly Required<Pick<SkippedCase, "tx" | "truth" | "reason" | "note">>[];
  readonly evaluation: readonly Row[];
  readonly bounds: readonly Bound[];
  readonly stages: { readonly [stage in Stage]?: number };
  /** Rows of the incident corpus, where they were played. */
  readonly incidents?: readonly IncidentResult[];
  /** High or critical alerts a day of chain time; null where the data says nothing of time. */
  readonly alertsPerDay: number | null;
  readonly overTime: readonly TimeBin[];
  readonly latency: Latency | null;
  readonly data: { readonly files: { readonly [file: string]: string }; readonly hash: string };
  readonly detectors: { readonly [id: string]: string };
  readonly limits: readonly string[];
  readonly seconds: number;
}

/** Alerts of an hour, or of whatever span is a hundredth of the data's. */
export interface TimeBin {
  readonly at: number;
  readonly critical: number;
  readonly high: number;
  readonly lower: number;
}

export interface ReportInput {
  readonly cases: readonly EvaluationCase[];
  readonly faults: readonly SourceFault[];
  readonly hashes: ReadonlyMap<string, string>;
  /** Those cases whose data covers a span of chain time, and that span. */
  readonly timed: readonly EvaluationCase[];
  readonly coveredSeconds: number;
  readonly emptyBlocks?: readonly EmptyBlock[];
  readonly incidents?: readonly IncidentResult[];
  readonly isComplete: boolean;
  readonly seconds: number;
}

/** What is printed with every result (EVAL-11). */
export const limits = [
  "Compromise of a signer's interface (Bybit 2025) leaves no trace on chain that tells it from consent: out of scope.",
  "Logic bugs are bounded by the response and not prevented.",
  "Recall on rebuilt or collected attacks is an upper bound of recall in the field.",
  "Ordinary traffic is benign as far as anybody knows; a false alarm may be an attack that nobody reported.",
  "What could not be judged is not applicable, and counts as missed in recall-all only.",
] as const;

/** Makes the report of what was judged. */
export function reportOf(input: ReportInput): Report {
  const { cases, duplicates } = mergeCases(input.cases);
  const detectors = detectorsOf(cases);
  const judged = cases.filter((one) => one.kind === "judged");
  const { emptyBlocks = [] } = input;
  const loud = [...input.timed.filter((one) => one.kind === "judged"), ...emptyBlocks].filter(isLoud);
  return {
    format: "testudo-backtest/1",
    complete: input.isComplete,
    ...summarize(
      cases.filter((one) => one.truth !== "weak"),
      emptyBlocks,
    ),
    faults: input.faults,
    duplicates,
    notJudged: cases.flatMap((one) => {
      if (one.kind === "judged" || one.note === undefined) return [];
      const { tx, truth, reason, note } = one;
      return [{ tx, truth, reason, note }];
    }),
    evaluation: evaluate(cases, detectors),
    bounds: boundsOf(judged),
    stages: stagesOf(judged),
    ...(input.incidents === undefined || input.incidents.length === 0 ? {} : { incidents: input.incidents }),
    alertsPerDay: input.coveredSeconds === 0 ? null : (loud.length / input.coveredSeconds) * 86_400,
    overTime: overTimeOf([...judged.filter((one) => one.truth !== "weak"), ...emptyBlocks]),
    latency: latencyOf(judged.map((one) => one.ms)),
    data: { files: Object.fromEntries(input.hashes), hash: hashOf(input.hashes) },
    detectors: Object.fromEntries(detectors.map(({ id, version }) => [id, version])),
    limits,
    seconds: input.seconds,
  };
}

function isLoud({ findings }: Pick<JudgedCase, "findings">): boolean {
  return findings.some((finding) => isAtLeast(finding.severity, "high"));
}

function boundsOf(judged: readonly JudgedCase[]): Bound[] {
  const benign = judged.filter((one) => one.truth === "benign");
  if (benign.length === 0) return [];
  const levels = ["critical", "high"] as const;
  return levels.map((level) => {
    const hits = benign.filter((one) => one.findings.some((f) => isAtLeast(f.severity, level))).length;
    const what = `false alarms of severity ${level}${level === "high" ? " or more" : ""} per ordinary transaction`;
    return { what, hits, trials: benign.length, rateNotExcluded: rateNotExcluded(hits, benign.length) };
  });
}

function stagesOf(judged: readonly JudgedCase[]): Report["stages"] {
  const counts: { [stage in Stage]?: number } = {};
  for (const one of judged) {
    if (one.truth !== "attack") continue;
    const stage = one.stage ?? (isLoud(one) ? "in-transaction" : "never");
    counts[stage] = (counts[stage] ?? 0) + 1;
  }
  return counts;
}

function overTimeOf(judged: readonly Pick<JudgedCase, "at" | "findings">[]): TimeBin[] {
  const dated = judged.filter((one) => one.at !== undefined);
  if (dated.length === 0) return [];
  const times = dated.map((one) => one.at!);
  const from = Math.min(...times);
  const width = Math.max(3_600, Math.ceil((Math.max(...times) - from) / 100));
  const bins = new Map<number, { critical: number; high: number; lower: number }>();
  for (const { at, findings } of dated) {
    const start = from + Math.floor((at! - from) / width) * width;
    const bin = bins.get(start) ?? { critical: 0, high: 0, lower: 0 };
    for (const { severity } of findings) bin[severity === "critical" || severity === "high" ? severity : "lower"]++;
    bins.set(start, bin);
  }
  return [...bins].sort(([a], [b]) => a - b).map(([at, counts]) => ({ at, ...counts }));
}

function latencyOf(times: readonly number[]): Latency | null {
  if (times.length === 0) return null;
  const sorted = [...times].sort((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
  const bins = new Map<number, number>();
  for (const ms of sorted) {
    const from = ms < 0.0625 ? 0 : 2 ** Math.floor(Math.log2(ms));
    bins.set(from, (bins.get(from) ?? 0) + 1);
  }
  return { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99), max: sorted.at(-1)!, histogram: [...bins] };
}

function hashOf(hashes: ReadonlyMap<string, string>): string {
  const hash = createHash("sha256");
  for (const [file, one] of [...hashes].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${file} ${one}\n`);
  return hash.digest("hex");
}
