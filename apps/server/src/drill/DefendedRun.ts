import type { Finding } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Remediation } from "./Remediation.ts";
import type { Defence, Shown } from "./Scenario.ts";
import type { PausedSelector } from "./scorecard.ts";

/** What happened with us. */
export interface DefendedRun {
  readonly lossUsd: number;
  /** What was to be lost at most, where the protocol's modules bound the attack. */
  readonly boundUsd?: number;
  readonly firstBadBlock: bigint;
  readonly alertMs: number | null;
  /**
   * From seeing the attack in the pool, or its contract's block, to the detectors' word on it, in milliseconds; null where
   * nothing was predicted.
   */
  readonly predictedMs: number | null;
  readonly pausedBlock: bigint | null;
  readonly remediation: Remediation;
  readonly pausedSelectors: readonly PausedSelector[];
  readonly riskReducing: readonly Shown[];
  readonly findings: readonly Finding[];
  readonly benign: ReadonlySet<Hex>;
  /** The attacker's transactions. Some prepare and take nothing yet. */
  readonly attack: ReadonlySet<Hex>;
  readonly defence: Defence;
  /** Last link of the chain of evidence, as it stood after the run. */
  readonly evidenceHead: Hex;
  /** How much later than every two seconds blocks came, since the defence still had work: milliseconds in all. */
  readonly waitedMs: number;
  readonly url: string;
  readonly rpcUrl: string;
  /** Goes on with two-second blocks for whoever wants to look around. */
  readonly keepMining: () => Promise<void>;
  /** Ends watch and chain. */
  readonly close: () => Promise<void>;
}
