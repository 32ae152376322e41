import type { Severity } from "./Finding.ts";
import type { RuleKind } from "./GuardRule.ts";
import type { Address, Hex } from "./Hex.ts";

/**
 * How sure the block of an action's cause has to be before the action is sent: so many blocks deep, or finalized by the chain.
 * Alerts never wait.
 */
export type ActionFinality = number | "finalized";

/** Selectors of one target that software may ask to pause, and those it never may (risk reduction, RESP-02). */
export interface PausePermission {
  readonly target: Address;
  /** For a person: the contract's name. */
  readonly name: string;
  readonly selectors: readonly Hex[];
  readonly exempt: readonly Hex[];
  /** At most 72 h. */
  readonly maxDurationSeconds: number;
  /** Left out: it is sent at once. */
  readonly finality?: ActionFinality | undefined;
  /** Only for anomalies that are calibrated to this budget or a stricter one. Left out: uncalibrated ones count too. */
  readonly budgetPpm?: number | undefined;
}

/** A call that must still succeed after an action (a closing user), or must fail (the attacker); tried on the fork. */
export interface Canary {
  readonly name: string;
  readonly from: Address;
  readonly to: Address;
  readonly data: Hex;
  readonly expect: "succeeds" | "reverts";
}

/** Functions of one target that a program may put guard rules on, and of which kinds. */
export interface RulePermission {
  readonly target: Address;
  readonly selectors: readonly Hex[];
  readonly kinds: readonly RuleKind[];
  /** At most 36 h. */
  readonly maxDurationSeconds: number;
  /** Left out: it is sent at once. */
  readonly finality?: ActionFinality | undefined;
  /** Only for anomalies that are calibrated to this budget or a stricter one. Left out: uncalibrated ones count too. */
  readonly budgetPpm?: number | undefined;
}

/**
 * An argument that is an amount, and how far a derived bound of it may go: so much stays possible whatever the attack looked
 * like. Of what is no amount (a number of a position, a time) a bound would shut out everybody who comes later.
 */
export interface BoundableArgument {
  readonly selector: Hex;
  /** Counts 32-byte words after the selector. */
  readonly argIndex: number;
  /** No ARG_MAX is set lower; left out: none is set. */
  readonly lowestMax?: bigint;
  /** No ARG_MIN is set higher; left out: none is set. */
  readonly highestMin?: bigint;
}

/** Functions of one target that a rule may be derived for. */
export interface DerivePermission extends RulePermission {
  /** Contracts whose `updatedAt()` an ORACLE_DELAY may wait for: an attacker's clock would shut the function. */
  readonly oracles: readonly Address[];
  readonly amounts: readonly BoundableArgument[];
}

/** Within what a rule may be derived from an attack while it runs, and sent without a person. */
export interface DeriveBounds {
  readonly permissions: readonly DerivePermission[];
  /** Most derived rules proposed in 24 hours. */
  readonly aDay: number;
  /** Different senders that have to stand on the honest side. With fewer it tells too little of what a rule would break. */
  readonly leastHonest: number;
  /** How far back honest transactions are looked for, in blocks. */
  readonly lookBackBlocks: number;
  /** How long one search may take, in milliseconds. */
  readonly budgetMs: number;
}

/** Within what a program may put guard rules in force without a person (LAB-22). */
export interface RuleBounds {
  /** The key that sends them; the breaker has it registered as a program of each selector. */
  readonly program: Address;
  readonly permissions: readonly RulePermission[];
  /** Most rules that may run, or be on their way, at once. */
  readonly atOnce: number;
  /** Left out: no rule but those that a playbook has in writing. */
  readonly derived?: DeriveBounds;
}

/**
 * Most actions, pauses and rules together, that software may begin within so many seconds of the chain. Further ones are for people.
 * What ended before it was sent does not count.
 */
export interface RateLimit {
  readonly actions: number;
  readonly seconds: number;
}

/** A view without arguments; any word but zero says that nothing may be sent (RESP-07). */
export interface HaltFlag {
  readonly contract: Address;
  readonly selector: Hex;
}

/** Who gets the signed bytes before everybody, and when everybody does (RESP-12). */
export interface RelayTerms {
  /** The relay's address without what may be a key. */
  readonly name: string;
  /** Blocks from the first offer on after which the public nodes get the bytes too; "never" forbids it. */
  readonly publicAfterBlocks: number | "never";
}

/** What programs and guardians may do, for how long (RESP-01). `id` is its hash. */
export interface Policy {
  readonly id: Hex;
  /** Unix seconds after which nothing may be proposed under this policy. */
  readonly expiresAt: bigint;
  readonly permissions: readonly PausePermission[];
  /** Both an anomaly and a damage finding must reach this (or a hard invariant must be broken). */
  readonly minSeverity: Severity;
  readonly guardians: readonly Address[];
  /** Signatures needed for a pause (m1 of the council). */
  readonly quorum: number;
  readonly council: Address;
  readonly breaker: Address;
  /** A selector of a target is acted on automatically once in this time (RESP-05). */
  readonly coolOffSeconds: number;
  /** Left out: as many as its permissions and the cool-off allow. */
  readonly rateLimit?: RateLimit;
  /** Left out: the switch on the watch's own machine alone. */
  readonly haltFlag?: HaltFlag;
  /** How long guardians have to sign. */
  readonly deadlineSeconds: number;
  readonly canaries: readonly Canary[];
  /** Left out: no rule without a person. */
  readonly rules?: RuleBounds;
  /** Left out: signed bytes go to the public nodes at once. */
  readonly relay?: RelayTerms;
}
