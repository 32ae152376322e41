import type { Hex } from "./Hex.ts";
import type { RecordBase } from "./Record.ts";

/** proposed → simulated → approved → cooling → signed → broadcast → included → active → expired | released, and side exits. */
export const actionStates = [
  "proposed",
  "simulated",
  "approved",
  "cooling",
  "signed",
  "broadcast",
  "included",
  "active",
  "expired",
  "released",
  "rejected",
  "simulation-failed",
  "stale",
  "killed",
  "superseded",
  "replaced",
  "dropped",
  "failed",
] as const;
export type ActionState = (typeof actionStates)[number];

/** A step of an action's life. */
export interface ActionStatus extends RecordBase {
  readonly kind: "ActionStatus";
  readonly action: Hex;
  readonly state: ActionState;
  /** Why, for a person. */
  readonly note: string;
  readonly txHash?: Hex;
  readonly blockNumber?: bigint;
  readonly signers?: readonly Hex[];
  readonly sequence: number;
}

const terminal: readonly ActionState[] = [
  "expired",
  "released",
  "rejected",
  "simulation-failed",
  "stale",
  "killed",
  "superseded",
  "failed",
];

/** Whether nothing can follow `state`. */
export function isTerminal(state: ActionState): boolean {
  return terminal.includes(state);
}
