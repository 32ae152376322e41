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

/** Which way signed bytes left: to the private relay alone, or to the nodes, where everybody sees them (RESP-12). */
export type SendWay = "relay" | "public";

/** A step of an action's life. */
export interface ActionStatus extends RecordBase {
  readonly kind: "ActionStatus";
  readonly action: Hex;
  readonly state: ActionState;
  /** Why, for a person. */
  readonly note: string;
  readonly txHash?: Hex;
  readonly blockNumber?: bigint;
  /** Where bytes were given out and the policy names a relay; `blockNumber` is then the newest block at that time. */
  readonly way?: SendWay;
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

/** Whether `state` ends an action. Where bytes had left by then, `active` may follow all the same. */
export function isTerminal(state: ActionState): boolean {
  return terminal.includes(state);
}
