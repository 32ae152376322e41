import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import type { Scope } from "@testudo/core/model/BlockBundle";
import type { DetectorMeta } from "@testudo/core/model/Detector";
import type { FindingClass, Severity } from "@testudo/core/model/Finding";
import type { Address, Hex } from "@testudo/core/model/Hex";

/** What is known of a transaction: an attack, ordinary traffic, or an attack seen by somebody whom it merely passed through. */
export type Truth = "attack" | "benign" | "weak";

/** When an attack was first told, against the transaction that does it (EVAL-06). */
export type Stage = "before" | "in-transaction" | "within-1-block" | "later" | "never";

/** What a detector said about a case. */
export interface CaseFinding {
  readonly detector: string;
  readonly severity: Severity;
  readonly class: FindingClass;
  readonly subject: Address;
  readonly score: number;
  readonly reason: string;
}

/** One transaction, judged. */
export interface JudgedCase {
  readonly kind: "judged";
  /** Transaction hash: what sets are merged by (EVAL-03). */
  readonly tx: Hex;
  readonly truth: Truth;
  /** Where it comes from: a file, a block. */
  readonly source: string;
  readonly name?: string;
  /** How the attack works, where a label says it. */
  readonly mechanism?: string;
  /** Unix seconds, where known. */
  readonly at?: number;
  readonly block?: number;
  readonly has: readonly Scope[];
  /** The detectors that judged it, where it was not those that judge a transaction by itself. */
  readonly detectors?: readonly DetectorMeta[];
  readonly findings: readonly CaseFinding[];
  /** Detectors that failed on it, by id: their silence says nothing (DET-05). */
  readonly failed?: readonly string[];
  readonly stage?: Stage;
  /** How long judging took, in milliseconds. */
  readonly ms: number;
}

/** A block without transactions of which something was said: there is no case that it could be laid to. */
export interface EmptyBlock {
  /** Unix seconds. */
  readonly at: number;
  readonly findings: readonly CaseFinding[];
}

/** One transaction that could not be judged, and why. */
export interface SkippedCase {
  readonly kind: "skipped";
  readonly tx: Hex;
  readonly truth: Truth;
  readonly source: string;
  readonly reason: string;
  /** More of the reason: the words of the node that did not answer. */
  readonly note?: string;
}

export type EvaluationCase = JudgedCase | SkippedCase;

/** The detectors that judge a transaction by itself. */
export function judgingDetectors(): readonly DetectorMeta[] {
  return zeroConfigDetectors().map(({ meta }) => meta);
}

/** The detectors that judged any of `cases`; without a case, those that judge a transaction by itself. */
export function detectorsOf(cases: readonly EvaluationCase[]): readonly DetectorMeta[] {
  const sets = new Set(cases.flatMap((one) => (one.kind === "judged" ? [one.detectors] : [])));
  if (sets.size === 0) return judgingDetectors();
  const found = [...sets].flatMap((set) => set ?? judgingDetectors());
  return [...new Map(found.map((meta) => [meta.id, meta])).values()];
}

/** `one` as a file holds it: who judged stands once, in the report. */
export function toRecord(one: EvaluationCase): EvaluationCase {
  if (one.kind === "skipped") return one;
  const { detectors: _, ...record } = one;
  return record;
}

/** Whether `meta` judged `one` and could. A detector that cannot, or fails, is silent, which is no answer. */
export function canJudge(meta: DetectorMeta, { has, detectors, failed }: JudgedCase): boolean {
  if (failed?.includes(meta.id)) return false;
  if (detectors !== undefined && !detectors.some(({ id }) => id === meta.id)) return false;
  // Memory across blocks is kept by whoever judges; it may be empty and is never missing.
  return meta.needs.all.every((scope) => scope === "H" || has.includes(scope));
}
