import type { Address, Hex } from "./Hex.ts";
import type { RecordBase } from "./Record.ts";

/** What may be asked of the chain: one pause of named selectors. Everything that loosens cannot be expressed. */
export interface PausePlan {
  readonly type: "pause";
  readonly target: Address;
  readonly selectors: readonly Hex[];
  /** How long, in seconds; the policy caps it. */
  readonly durationSeconds: number;
}

/** Plans a playbook may return. `notifyOnly` records the wish to do nothing on chain. */
export type ActionPlan = PausePlan | { readonly type: "notifyOnly" };

/** The message that guardians sign (EIP-712, specification 4.E). `nonce` is the action's id as a number. */
export interface PauseMessage {
  readonly target: Address;
  readonly selectors: readonly Hex[];
  /** Unix seconds. */
  readonly until: bigint;
  readonly reason: Hex;
  readonly evidence: Hex;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A proposed pause. Anomaly and damage (or a hard invariant) are named on it, or it would not exist (GATE-01). */
export interface Action extends RecordBase {
  readonly kind: "Action";
  readonly type: "pause";
  readonly chainId: number;
  readonly council: Address;
  readonly target: Address;
  readonly selectors: readonly Hex[];
  readonly until: bigint;
  readonly reason: Hex;
  /** Hash of the Decision that this follows from; stands on chain as the pause's evidence. */
  readonly evidence: Hex;
  readonly deadline: bigint;
  readonly incident: Hex;
  readonly anomaly: Hex;
  readonly damage: Hex;
  readonly quorum: number;
  readonly playbook: string;
  /** Where the attack still waits for its block: what it pays, and the pause has to pay more to come before it. */
  readonly outbids?: { readonly tipWei: bigint; readonly maxFeeWei: bigint } | undefined;
}

/** The message for `action`'s signers. */
export function toPauseMessage(action: Action): PauseMessage {
  return {
    target: action.target,
    selectors: action.selectors,
    until: action.until,
    reason: action.reason,
    evidence: action.evidence,
    nonce: BigInt(action.id),
    deadline: action.deadline,
  };
}
