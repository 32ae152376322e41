import type { Plain } from "./canonicalJson.ts";
import type { Address, Hex } from "./Hex.ts";
import type { Prediction } from "./PendingTx.ts";
import type { RecordBase } from "./Record.ts";

export const severities = ["info", "low", "medium", "high", "critical"] as const;
export type Severity = (typeof severities)[number];

/**
 * What a finding says: that something is unusual, that there is harm, that an identity is broken, that we are ill, or that
 * harm could be done and has not been. The last opens no gate: software acts on what happens, not on what might.
 */
export type FindingClass = "anomaly" | "damage" | "invariant" | "health" | "vulnerability";

/** What a detector reports; the pipeline adds block, identity and bookkeeping. */
export interface FindingDraft {
  readonly severity: Severity;
  /** One sentence for a person. Never contains text taken from the chain unescaped. */
  readonly reason: string;
  /** The protected address that this is about. */
  readonly subject: Address;
  /** Further addresses: the actor cluster, tokens, pools. */
  readonly addresses?: readonly Address[];
  readonly txHash?: Hex;
  readonly logIndex?: number;
  /** What makes two findings the same alert, beyond detector and subject (FIND-01). */
  readonly key: readonly string[];
  /** 0..1, how far beyond the threshold; comparable within one detector only. */
  readonly score: number;
  /** How likely this is where nothing is wrong, in (0, 1]; left out: what the calibration says, if there is one. */
  readonly pValue?: number;
  /** Findings that this rests on, beside its block. */
  readonly members?: readonly Hex[];
  /** Overrides the detector's class, where one detector can say both (a drain with and without gain). */
  readonly class?: FindingClass;
  /** Lets a reader recompute the score from public chain data (CAT-03). */
  readonly evidence: { readonly [key: string]: Plain };
}

/** A detector's report about one block. Frozen; a change of status is a FindingStatus. */
export interface Finding extends RecordBase {
  readonly kind: "Finding";
  readonly dedupKey: Hex;
  readonly detector: string;
  readonly version: string;
  readonly class: FindingClass;
  /** True for an invariant that its author declared sufficient for automatic action (GATE-01). */
  readonly hard: boolean;
  readonly severity: Severity;
  readonly reason: string;
  readonly chainId: number;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  readonly timestamp: bigint;
  readonly phase: "history" | "live";
  readonly subject: Address;
  readonly addresses: readonly Address[];
  readonly txHash?: Hex;
  readonly logIndex?: number;
  readonly score: number;
  /** How likely this is where nothing is wrong: by the calibration, or by the detector itself. */
  readonly pValue?: number;
  /** The calibration that the p-value, the severity and the level rest on (CAL-05). */
  readonly calibration?: Hex;
  /** Whether an anomaly is rare enough for software to act on; absent without a calibration. */
  readonly atActionLevel?: boolean;
  /**
   * The strictest budget that the history is long enough to offer and that an anomaly's score is beyond, in millionths of the
   * contract's transactions; absent where there is none, and without a calibration.
   */
  readonly budgetPpm?: number;
  /** False where the detector asked what nobody can ask again: a reason to alert, and none to act on (GATE-01). */
  readonly deterministic?: false;
  /** What the detector said, where its calibration made it quieter. */
  readonly draftSeverity?: Severity;
  readonly evidence: { readonly [key: string]: Plain };
  readonly runbook: string;
  readonly owner: string;
  /** Set where nothing has happened yet: what a pending transaction does after block `blockNumber`. */
  readonly prediction?: Prediction;
}

/** Whether `a` is at least as severe as `b`. */
export function isAtLeast(a: Severity, b: Severity): boolean {
  return severities.indexOf(a) >= severities.indexOf(b);
}

/** The most severe of `list`, or undefined for none. */
export function mostSevere(list: readonly Severity[]): Severity | undefined {
  return list.reduce<Severity | undefined>((top, s) => (top === undefined || isAtLeast(s, top) ? s : top), undefined);
}
