import type { Scope } from "@testudo/core/model/BlockBundle";
import { logsOf } from "@testudo/core/model/CallTree";
import type { FindingClass } from "@testudo/core/model/Finding";
import type { Address } from "@testudo/core/model/Hex";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import { judgeTx, type TxCase } from "@testudo/core/pipeline/judgeTx";
import { type CaseFinding, judgingDetectors } from "./Case.ts";

/** A transaction's verdict with what it was judged by, and how long that took. */
export interface CaseVerdict {
  readonly has: readonly Scope[];
  readonly findings: readonly CaseFinding[];
  /** Detectors that failed on it, where any did. */
  readonly failed?: readonly string[];
  readonly ms: number;
}

export interface CaseOptions {
  /** Judged as protected. Without any, each address outside the actor's cluster. */
  readonly protect?: readonly Address[];
  /** Answers reads of the state around the transaction; without it none is known. */
  readonly answer?: (reads: readonly StateRead[]) => Promise<readonly StateAnswer[]>;
}

/** Judges `one` by itself with the production detectors. */
export async function caseOf(one: TxCase, { protect, answer }: CaseOptions): Promise<CaseVerdict> {
  const start = performance.now();
  const { findings, failed } = await judgeTx(one, { ...(protect ? { protect } : {}), ...(answer ? { answer } : {}) });
  const ms = performance.now() - start;
  const hasLogs = one.logs !== undefined || logsOf(one.trace).length > 0;
  const has: Scope[] = ["X", "T", ...(hasLogs ? (["L"] as const) : []), ...(answer ? (["S"] as const) : [])];
  return {
    has,
    findings: findings.map((finding) => ({ class: classOf(finding.detector), ...finding })),
    ...(failed.length === 0 ? {} : { failed: failed.map(({ detector }) => detector) }),
    ms,
  };
}

let classes: ReadonlyMap<string, FindingClass> | undefined;

// What the detector says where a finding does not say otherwise.
function classOf(detector: string): FindingClass {
  classes ??= new Map(judgingDetectors().map((meta) => [meta.id, meta.class]));
  return classes.get(detector) ?? "anomaly";
}
