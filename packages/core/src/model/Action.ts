import type { GuardRule } from "./GuardRule.ts";
import type { Address, Hex } from "./Hex.ts";
import type { RecordBase } from "./Record.ts";

/** One pause of named selectors. */
export interface PausePlan {
  readonly type: "pause";
  readonly target: Address;
  readonly selectors: readonly Hex[];
  /** How long, in seconds; the policy caps it. */
  readonly durationSeconds: number;
}

/** One guard rule, for a while. */
export interface RulePlan {
  readonly type: "guardRule";
  readonly rule: GuardRule;
  /** How long, in seconds; the policy caps it. */
  readonly durationSeconds: number;
}

/** A rule on `target` that is derived from the attack, for a while, within the policy's `rules.derived`. */
export interface DerivePlan {
  readonly type: "deriveRule";
  readonly target: Address;
  /** How long, in seconds; the policy caps it. */
  readonly durationSeconds: number;
}

/**
 * Plans a playbook may return: what may be asked of the chain. Everything that loosens cannot be expressed. `notifyOnly`
 * records the wish to do nothing on chain.
 */
export type ActionPlan = PausePlan | RulePlan | DerivePlan | { readonly type: "notifyOnly" };

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

/** What is proposed on chain. Anomaly and damage (or a hard invariant) are named on it, or it would not exist (GATE-01). */
interface ProposedAction extends RecordBase {
  readonly kind: "Action";
  readonly chainId: number;
  readonly council: Address;
  readonly target: Address;
  readonly selectors: readonly Hex[];
  readonly until: bigint;
  readonly reason: Hex;
  /** Hash of the Decision, or of the Derivation, that this follows from; stands on chain as its evidence. */
  readonly evidence: Hex;
  /** Unix seconds after which it is not sent any more. */
  readonly deadline: bigint;
  readonly incident: Hex;
  readonly anomaly: Hex;
  readonly damage: Hex;
  /** Signatures of guardians that it needs. */
  readonly quorum: number;
  readonly playbook: string;
  /** Where the attack still waits for its block: what it pays, and this has to pay more to come before it. */
  readonly outbids?: { readonly tipWei: bigint; readonly maxFeeWei: bigint } | undefined;
}

/** A proposed pause, for guardians to sign. */
export interface PauseAction extends ProposedAction {
  readonly type: "pause";
}

/** A guard rule within the policy's bounds: a program sends it, and needs nobody's signature (LAB-22). */
export interface RuleAction extends ProposedAction {
  readonly type: "guardRule";
  readonly quorum: 0;
  readonly rule: GuardRule;
  readonly breaker: Address;
  /** The key that sends it, registered at the breaker for its selector. */
  readonly program: Address;
}

export type Action = PauseAction | RuleAction;

/** The message by which guardians take a program's rule back, in one call of the council. */
export interface ClearRuleMessage {
  readonly target: Address;
  readonly selector: Hex;
  readonly reason: Hex;
  readonly evidence: Hex;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** The message for `action`'s signers. */
export function toPauseMessage(action: PauseAction): PauseMessage {
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

/** The message that takes `action`'s rule back. It may be sent for as long as the rule stands. */
export function toClearRuleMessage({ rule, reason, evidence, id, until }: RuleAction): ClearRuleMessage {
  const { target, selector } = rule;
  return { target, selector, reason, evidence, nonce: BigInt(id), deadline: until };
}
