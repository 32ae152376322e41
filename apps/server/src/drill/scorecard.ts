import type { Finding } from "@testudo/core/model/Finding";
import { isAtLeast } from "@testudo/core/model/Finding";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { meanOf, type Remediation, upgradeSecondsOf } from "./Remediation.ts";

/** A function that stands paused. `until` in Unix seconds of the chain. */
export interface PausedSelector {
  readonly target: Address;
  readonly selector: Hex;
  readonly until: number;
}

/** One scenario's line. Losses in USD at the last honest price. */
export interface ScenarioScore {
  readonly name: string;
  readonly kind: string;
  readonly protocol: string;
  readonly naive: { readonly lossUsd: number };
  /** `boundUsd`: what was to be lost at most, where the protocol's own modules bound the attack. */
  readonly defended: { readonly lossUsd: number; readonly boundUsd?: number };
  readonly savedShare: number;
  readonly firstBadBlock: number;
  /** Block received to outbox commit, in milliseconds, of the first alert about the attack; null without one. */
  readonly alertMs: number | null;
  readonly pausedBlock: number | null;
  readonly pausedSelectors: readonly PausedSelector[];
  readonly riskReducingStillOpen: boolean;
  /** High or critical findings on benign transactions, or before the attack began. */
  readonly falseAlerts: number;
  readonly benignTx: number;
  readonly remediation: Remediation;
  /** Where the attack was seen before its block: what acting on that was worth. */
  readonly beforeBlock?: BeforeBlock;
}

/** What acting on the pool, or on a new contract's probe, saved beyond acting on blocks. Losses in USD. */
export interface BeforeBlock {
  /** What was lost with a watch that judges blocks only. */
  readonly afterBlockLossUsd: number;
  readonly savedUsd: number;
  /** From the pool, or the contract's block, to the detectors' word, in milliseconds; null where nothing was predicted. */
  readonly predictedMs: number | null;
  /** Blocks from the attack's own to the pause: 0 is the same block, before it; less than 0 an earlier one. */
  readonly blocksToPause: number | null;
}

/** What `testudo drill --json` prints. */
export interface Scorecard {
  readonly seed: number;
  readonly scenarios: readonly ScenarioScore[];
  readonly totals: {
    readonly scenarios: number;
    readonly naiveLossUsd: number;
    readonly defendedLossUsd: number;
    readonly savedShare: number;
    readonly falseAlerts: number;
    readonly benignTx: number;
    /** Mean time to remediation, in seconds, over the scenarios that have one; null where none has. */
    readonly meanGuardSeconds: number | null;
    readonly meanUpgradeSeconds: number | null;
  };
}

/** 1 - defended / naive within 0..1; 0 where nothing was lost without defence. */
export function savedShareOf(naiveUsd: number, defendedUsd: number): number {
  if (!(naiveUsd > 0)) return 0;
  return Math.min(1, Math.max(0, 1 - defendedUsd / naiveUsd));
}

export function toScorecard(seed: number, scenarios: readonly ScenarioScore[]): Scorecard {
  const sum = (of: (score: ScenarioScore) => number) => scenarios.reduce((total, score) => total + of(score), 0);
  const naiveLossUsd = sum((score) => score.naive.lossUsd);
  const defendedLossUsd = sum((score) => score.defended.lossUsd);
  return {
    seed,
    scenarios,
    totals: {
      scenarios: scenarios.length,
      naiveLossUsd,
      defendedLossUsd,
      savedShare: savedShareOf(naiveLossUsd, defendedLossUsd),
      falseAlerts: sum((score) => score.falseAlerts),
      benignTx: sum((score) => score.benignTx),
      meanGuardSeconds: meanOf(scenarios.map(({ remediation }) => remediation.guardSeconds)),
      meanUpgradeSeconds: meanOf(scenarios.map(({ remediation }) => upgradeSecondsOf(remediation))),
    },
  };
}

/** Whether every attack was contained: bounded, or paused with most of the loss saved; risk reduction open, nobody benign accused. */
export function isContained(card: Scorecard): boolean {
  return card.scenarios.every((score) => shortfallsOf(score).length === 0);
}

const leastShare = 0.9;

/** Why the attack does not count as contained, one clause each; empty when it does. `shut` names ways out of risk. */
export function shortfallsOf(score: ScenarioScore, shut: readonly string[] = []): readonly string[] {
  const { riskReducingStillOpen, pausedSelectors, falseAlerts, benignTx } = score;
  return [
    ...lossFaults(score),
    ...(riskReducingStillOpen ? [] : [wayOutFault(pausedSelectors.length > 0, shut)]),
    ...(falseAlerts === 0 ? [] : [`${falseAlerts} false alerts on ${benignTx} honest transactions`]),
  ];
}

function lossFaults({ naive, defended, pausedBlock, savedShare, beforeBlock }: ScenarioScore): readonly string[] {
  const { lossUsd, boundUsd } = defended;
  if (boundUsd !== undefined)
    return [
      ...(naive.lossUsd > 0 ? [] : ["the attack took nothing where nothing defends"]),
      ...(lossUsd <= boundUsd ? [] : [`${lossUsd} USD were lost, at most ${boundUsd} may be`]),
    ];
  const saved = `${(Math.floor(savedShare * 1_000) / 10).toFixed(1)} %`;
  return [
    ...(pausedBlock === null ? ["nothing was paused"] : []),
    ...(beforeBlock !== undefined && !(beforeBlock.savedUsd > 0) ? ["acting before the block saved nothing"] : []),
    ...(savedShare >= leastShare ? [] : [`${saved} of the loss was saved, at least ${leastShare * 100} % have to be`]),
  ];
}

function wayOutFault(isPaused: boolean, shut: readonly string[]): string {
  if (!isPaused) return "no pause was in force under which ways out of risk could be shown";
  return `a way out of risk was shut under the pause, or not shown${shut.length === 0 ? "" : `: ${shut.join(", ")}`}`;
}

/** Who sent what in a run: honest people, and the attacker. */
export interface Parties {
  readonly benign: ReadonlySet<Hex>;
  readonly attack: ReadonlySet<Hex>;
}

/**
 * High and critical findings that accuse a benign transaction, or that came before anything bad had happened and are not
 * about what the attacker had sent by then.
 */
export function falseAlertsAmong(findings: readonly Finding[], parties: Parties, firstBadBlock: bigint): number {
  return findings.filter(
    (finding) =>
      finding.phase === "live" &&
      finding.class !== "health" &&
      isAtLeast(finding.severity, "high") &&
      isFalse(finding, parties, firstBadBlock),
  ).length;
}

// A prediction is made before the attack's block by its nature; it is wrong where it accuses somebody honest.
function isFalse({ txHash, prediction, blockNumber }: Finding, parties: Parties, firstBadBlock: bigint): boolean {
  const about = prediction?.tx ?? txHash;
  if (about !== undefined && parties.benign.has(about)) return true;
  if (about !== undefined && parties.attack.has(about)) return false;
  return prediction === undefined && blockNumber < firstBadBlock;
}
