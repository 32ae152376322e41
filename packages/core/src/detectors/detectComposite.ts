// Detector 26, composite (scope A: other findings). It looks at no block: the pipeline hands it the findings that one cluster of
// addresses caused within 7 days, and raises what it says.
//
// Formula: per stage (funding, preparation, exploitation, laundering) the smallest p-value; over the stages Fisher's statistic with
// Brown's correction, from two stages on. Critical at p <= 1e-7, low at p <= 1e-4. The preset `forta` is the public combiner's
// rule: product of the stages' smallest p-values with at least three findings, or one precise detector and another stage.
// Source: Fisher (1932) and Brown (1975) for the sum of p-values that are not independent; Forta's public combiner for the preset.
// Defaults: its thresholds are the public rule's. Calibration: the members' own p-values and the detectors' correlations.
// Evasion: acting from addresses that nothing ties; waiting 7 days; passing through an address of more than 1,000 counterparties.
import { combineP } from "../math/combineP.ts";
import type { CompositeRule } from "../model/CompositeRule.ts";
import type { DetectorMeta } from "../model/Detector.ts";
import type { FindingDraft, Severity } from "../model/Finding.ts";
import type { Address, Hex } from "../model/Hex.ts";
import { type Stage, stages } from "../model/Stage.ts";

export const compositeMeta: DetectorMeta = {
  id: "composite",
  version: "1.0.0",
  class: "anomaly",
  needs: { all: [] },
  finality: 12,
  runbook: "RUNBOOK.md#composite",
  owner: "operator",
};

/** A finding as a part of a composite. `root`: what it was seen in, so that several detectors on one transaction count once. */
export interface CompositeMember {
  readonly finding: Hex;
  readonly detector: string;
  readonly stage: Stage;
  readonly pValue: number;
  readonly root: string;
  readonly subject: Address;
  readonly timestamp: bigint;
}

/** A tie between two addresses that joined them. */
export interface CompositeEdge {
  readonly from: Address;
  readonly to: Address;
  readonly kind: "funding" | "deployment" | "delegation";
}

/** The findings of one cluster, oldest first, and what ties its addresses. */
export interface CompositeCluster {
  readonly key: string;
  readonly members: readonly CompositeMember[];
  readonly edges: readonly CompositeEdge[];
  readonly addresses: readonly Address[];
}

/** What the findings of a cluster say together; undefined where that is nothing. `rho`: correlation of two detectors, by their ids. */
export function detectComposite(
  { key, members, edges, addresses }: CompositeCluster,
  rule: CompositeRule,
  rho: (detector: string, other: string) => number | undefined,
): FindingDraft | undefined {
  const least = leastPerStage(members);
  // One root counts once a stage, however many detectors saw it (COMP-02).
  const count = new Set(members.map(({ stage, root }) => `${stage} ${root}`)).size;
  const combined = combineP(
    least.map(({ pValue }) => pValue),
    (i, j) => rho(least[i]!.detector, least[j]!.detector) ?? rule.correlation,
  );
  const severity = severityOf(rule, { members, count, stageCount: least.length, ...combined });
  const newest = members.at(-1);
  if (severity === undefined || newest === undefined) return undefined;
  const reached = least.at(-1)!.stage;
  const next = nextStep(reached);
  return {
    severity,
    reason: `${count} findings of ${least.length} stages by one cluster, ${reached} reached; next to expect: ${next}.`,
    subject: newest.subject,
    addresses,
    key: [key],
    score: Math.min(1, -Math.log10(Math.max(combined.brown, 1e-300)) / 10),
    pValue: Math.max(combined.brown, Number.MIN_VALUE),
    members: members.map(({ finding }) => finding),
    evidence: {
      stage: reached,
      next,
      rule: rule.preset,
      statistic: combined.statistic,
      fisher: combined.fisher,
      brown: combined.brown,
      product: combined.product,
      members: members.map(({ finding, detector, stage, pValue, root }) => ({
        finding,
        detector,
        stage,
        pValue,
        root,
      })),
      edges: edges.map((edge) => ({ ...edge })),
    },
  };
}

function leastPerStage(members: readonly CompositeMember[]): readonly CompositeMember[] {
  return stages.flatMap((stage) => {
    const mine = members.filter((member) => member.stage === stage);
    return mine.length === 0 ? [] : [mine.reduce((least, member) => (member.pValue < least.pValue ? member : least))];
  });
}

interface Weight {
  readonly members: readonly CompositeMember[];
  readonly count: number;
  readonly stageCount: number;
  readonly brown: number;
  readonly product: number;
}

function severityOf(rule: CompositeRule, weight: Weight): Severity | undefined {
  const { members, count, stageCount, brown, product } = weight;
  // A product of floats may miss its limit by the last bit.
  const isWithin = (p: number, limit: number) => p <= limit * (1 + 1e-9);
  const byLimit = (p: number): Severity | undefined =>
    isWithin(p, rule.criticalAt) ? "critical" : isWithin(p, rule.lowAt) ? "low" : undefined;
  switch (rule.preset) {
    case "brown":
      return stageCount >= 2 ? byLimit(brown) : undefined;
    case "forta":
      if (members.some(({ detector }) => rule.precise.includes(detector)) && stageCount >= 2) return "critical";
      return count >= 3 ? byLimit(product) : undefined;
    default:
      return never(rule.preset);
  }
}

function nextStep(reached: Stage): string {
  switch (reached) {
    case "funding":
      return "preparation: a contract deployed or a vote bought by these addresses";
    case "preparation":
      return "exploitation: a call of these addresses into the protocol";
    case "exploitation":
      return "laundering: what was taken leaves for a mixer, a bridge or an exchange";
    case "laundering":
      return "nothing more on this chain; ask bridges and exchanges to hold what arrives";
    default:
      return never(reached);
  }
}

function never(value: never): never {
  throw new TypeError(`Unknown value ${JSON.stringify(value)}.`);
}
