import type { Hex } from "./Hex.ts";
import type { RecordBase } from "./Record.ts";

/** One call tried on the fork, before or after the action. */
export interface SimulatedCall {
  readonly name: string;
  readonly expect: "succeeds" | "reverts";
  readonly succeeded: boolean;
  readonly detail: string;
}

/** What happened when an action was tried on a fork of the head (RESP-03). */
export interface Simulation extends RecordBase {
  readonly kind: "Simulation";
  readonly action: Hex;
  readonly passed: boolean;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  readonly calls: readonly SimulatedCall[];
  readonly note: string;
}
