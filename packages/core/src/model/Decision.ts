import type { Hex } from "./Hex.ts";
import type { RecordBase } from "./Record.ts";

/** What was decided about an incident at one point, "no action" included. */
export interface Decision extends RecordBase {
  readonly kind: "Decision";
  readonly incident: Hex;
  readonly outcome: "alert-only" | "propose";
  /** For a person: which rule led here. */
  readonly because: string;
  readonly playbook?: string;
  readonly policy: string;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  readonly anomaly?: Hex;
  readonly damage?: Hex;
}
