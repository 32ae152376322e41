import { mostSevere, type Severity, severities } from "@testudo/core/model/Finding";
import type { EmptyBlock, EvaluationCase, JudgedCase } from "./Case.ts";

/** How many findings there are of each severity. */
export type BySeverity = { readonly [severity in Severity]: number };

/** A critical finding about a transaction, so that a person can look. */
export interface CriticalTransaction {
  readonly tx: string;
  readonly source: string;
  readonly truth: string;
  readonly findings: readonly { readonly detector: string; readonly subject: string; readonly reason: string }[];
}

/** What a back-test saw, without any claim about what is true. */
export interface Summary {
  readonly transactions: number;
  readonly judged: number;
  readonly skipped: { readonly [reason: string]: number };
  /** Findings about judged transactions, and about blocks without any. */
  readonly alerts: BySeverity;
  /** Judged transactions by their most severe finding. */
  readonly alertedTransactions: BySeverity;
  readonly perDetector: { readonly [detector: string]: Partial<BySeverity> };
  readonly criticalTransactions: readonly CriticalTransaction[];
}

/** Counts `cases`, and what was said of blocks that hold none. */
export function summarize(cases: readonly EvaluationCase[], emptyBlocks: readonly EmptyBlock[] = []): Summary {
  const judged = cases.filter((one) => one.kind === "judged");
  const skipped: Record<string, number> = {};
  for (const one of cases) if (one.kind === "skipped") skipped[one.reason] = (skipped[one.reason] ?? 0) + 1;
  const alerts = noAlerts();
  const alertedTransactions = noAlerts();
  const perDetector: Record<string, Partial<Record<Severity, number>>> = {};
  for (const { findings } of judged) {
    const worst = mostSevere(findings.map((finding) => finding.severity));
    if (worst !== undefined) alertedTransactions[worst]++;
  }
  for (const { findings } of [...judged, ...emptyBlocks])
    for (const { detector, severity } of findings) {
      alerts[severity]++;
      perDetector[detector] ??= {};
      perDetector[detector][severity] = (perDetector[detector][severity] ?? 0) + 1;
    }
  return {
    transactions: cases.length,
    judged: judged.length,
    skipped,
    alerts,
    alertedTransactions,
    perDetector: Object.fromEntries(Object.entries(perDetector).sort(([a], [b]) => (a < b ? -1 : 1))),
    // False alarms first: they are what somebody has to look at.
    criticalTransactions: [
      ...judged.filter((one) => one.truth !== "attack"),
      ...judged.filter((one) => one.truth === "attack"),
    ].flatMap(criticalOf),
  };
}

function noAlerts(): Record<Severity, number> {
  return Object.fromEntries(severities.map((severity) => [severity, 0])) as Record<Severity, number>;
}

function criticalOf({ tx, source, truth, findings }: JudgedCase): CriticalTransaction[] {
  const critical = findings.filter((finding) => finding.severity === "critical");
  if (critical.length === 0) return [];
  return [
    { tx, source, truth, findings: critical.map(({ detector, subject, reason }) => ({ detector, subject, reason })) },
  ];
}
