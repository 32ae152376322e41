import type { Calibration } from "./Calibration.ts";
import type { CompositeRule } from "./CompositeRule.ts";
import type { DetectorUse } from "./Detector.ts";
import type { Address } from "./Hex.ts";
import type { Playbook } from "./Playbook.ts";
import type { Policy } from "./Policy.ts";

/** What the pipeline runs: fixed for its lifetime. Without a policy nothing is ever proposed on chain. */
export interface Program {
  readonly chainId: number;
  /** The protected set P. */
  readonly watched: readonly Address[];
  /** Tokens without value of their own, such as a perpetual's virtual ones: minted at will, they are no holdings. */
  readonly ignoredAssets?: readonly Address[];
  readonly detectors: readonly DetectorUse[];
  readonly playbooks: readonly Playbook[];
  readonly policy: Policy | null;
  /** What history says of the detectors; without it findings have no p-value and run on fixed thresholds. */
  readonly calibration?: Calibration;
  /** How findings of several stages count together; without it they do not. */
  readonly composite?: CompositeRule;
  /** Whether findings of history are told like others; absent: they are stored in silence (DET-09). No detector sees it. */
  readonly deliverHistory?: boolean;
}
