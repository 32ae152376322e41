// A guard rule that is looked for while the attack runs: what was asked, and what came of it (LAB-22).
import type { GuardRule } from "./GuardRule.ts";
import type { Address, Hex } from "./Hex.ts";
import type { RecordBase } from "./Record.ts";

/** What is to be looked for: a rule on `target` that stops `attack`. `id` is the same for the same attack of an incident. */
export interface DeriveRequest {
  readonly id: Hex;
  readonly incident: Hex;
  readonly decision: Hex;
  readonly playbook: string;
  readonly target: Address;
  /** How long the rule lasts, in seconds. */
  readonly durationSeconds: number;
  readonly anomaly: Hex;
  readonly damage: Hex;
  /** Transactions that the gate's findings name, newest last. */
  readonly attack: readonly Hex[];
  /** Blocks of those findings. */
  readonly blocks: readonly Hex[];
}

/** One set of rules that was thought of. `refused` says why it is not the answer; without it, it holds. */
export interface TriedRule {
  readonly rules: readonly GuardRule[];
  readonly why: string;
  readonly refused?: string;
}

/** What one stage took, in whole milliseconds, and how many things it made or tried. */
export interface StageMs {
  readonly stage: string;
  readonly ms: number;
  readonly count: number;
}

/** What the search found. Without a `rule`, `note` says why; what the playbook does beside it goes on. */
export interface Derived {
  /** SHA-256 of the capsule's file; absent where nothing was recorded. */
  readonly capsule?: Hex;
  /** The honest side: transactions recorded, by how many senders, and calls that were held against the rule by their input. */
  readonly honest: { readonly recorded: number; readonly senders: number; readonly seen: number };
  readonly tried: readonly TriedRule[];
  readonly stages: readonly StageMs[];
  readonly rule?: GuardRule;
  readonly note: string;
}

/** The record of one search. */
export interface Derivation extends RecordBase, Derived {
  readonly kind: "Derivation";
  readonly request: Hex;
  readonly incident: Hex;
  readonly target: Address;
}
