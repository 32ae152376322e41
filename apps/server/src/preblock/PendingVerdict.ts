import type { Severity } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Foretold } from "@testudo/core/model/Output";
import type { Near } from "./openNearness.ts";

/** What came of a pending transaction. */
export interface PendingVerdict {
  readonly hash: Hex;
  /** Why it was tried; null where it was not. */
  readonly near: Near | null;
  /**
   * `judged` by the detectors; `elsewhere`: it ran and came near nobody protected; `reverts` or `refused` by the chain's
   * rules as things stand: its nonce is used, or it is signed for another chain; `far`: not tried; `unavailable`: no node gave the state, or there is no block yet.
   */
  readonly outcome: "judged" | "elsewhere" | "reverts" | "refused" | "far" | "unavailable";
  /** For a person, where it was not judged. */
  readonly detail: string;
  /** The most severe of `findings`; null without any. */
  readonly severity: Severity | null;
  readonly findings: Foretold["findings"];
  /** The block whose state it was tried on. */
  readonly onBlock: bigint | null;
  /** Questions that had to go to a node during the run; 0 is warm (PRE-03). */
  readonly stateMisses: number;
  /** From taking it up to the verdict. */
  readonly ms: number;
}
