import type { Address, Hex } from "@testudo/core/model/Hex";
import type { SourceInput } from "@testudo/lab/patch/candidateUpgrades";
import type { ProgramSource } from "../jobs/step/programSource.ts";

/** A contract that the drill protects, with its functions by what they do to risk (INTEG-03). */
export interface ProtectedContract {
  readonly name: string;
  readonly address: Address;
  /** Functions through which value leaves or risk is opened: what a pause may name. Signature → selector. */
  readonly pausable: { readonly [signature: string]: Hex };
  /** Functions that reduce risk: live under every pause. */
  readonly exempt: { readonly [signature: string]: Hex };
  /** Those of the pausable functions that the drill's sender may put guard rules on. */
  readonly ruled?: readonly Hex[];
}

/** A transaction that the scenario sent. */
export interface SentTransaction {
  readonly hash: Hex;
  readonly role: "benign" | "attack";
  readonly label: string;
}

/** A call that shows something by its outcome. */
export interface Shown {
  readonly name: string;
  readonly ok: boolean;
  readonly txHash?: Hex;
}

/** The slow side of the defence: a Safe that proposes through a timelock. */
export interface SlowRoles {
  readonly safe: Address;
  readonly timelock: Address;
}

/** Where the defence stands. */
export interface Defence extends SlowRoles {
  readonly breaker: Address;
  readonly council: Address;
  readonly guardians: readonly Address[];
}

/** Init code of a gate before an implementation; given by the drill when the protocol is defended. */
export type GateCode = (implementation: Address, initData: Hex) => Hex;

/** What a defender has at hand to mend the protocol's source. */
export interface Remedy {
  readonly victim: Address;
  readonly source: SourceInput;
}

/** A deployed protocol with its people, one slot being one block. */
export interface Stage {
  readonly protect: readonly ProtectedContract[];
  readonly slots: number;
  /** The first slot whose transactions take money from others. */
  readonly firstBadSlot: number;
  /**
   * What others lose at most, in USD, where the protocol's own modules bound the attack. Nothing has to be paused then; the
   * ways out are tried after the play.
   */
  readonly boundUsd?: number;
  /** With it, an upgrade is proposed and verified after the play, and the time that takes is on the scorecard. */
  readonly remedy?: Remedy;
  /** What the pipeline runs to defend it. */
  programOf(defence: Defence, chainId: number): Extract<ProgramSource, { kind: "module" }>;
  /** Sends the transactions of `slot`. Their content depends on the seed alone. */
  act(slot: number): Promise<readonly SentTransaction[]>;
  /** Lets the price come back and the keepers work, after the last slot. */
  settle(): Promise<void>;
  /** What users, makers and the fund lost since the attack began, in USD at the last honest price. */
  lossUsd(): Promise<number>;
  /** Real calls that must work while the pause is on: closing, adding margin, liquidation. `mine` waits for a block. */
  riskReducing(mine?: () => Promise<void>): Promise<readonly Shown[]>;
  /** How the protocol's own pause does, by real calls; shown on the scorecard. Run it last: it pauses the protocol. */
  contrast(): Promise<readonly Shown[]>;
}

/** How a watch acts before the attack's block: it judges what waits in the pool, or tries new contracts on a fork. */
export type Foresight = "pool" | "probe";

/** A rehearsed attack. Same seed, same blocks. */
interface Rehearsal {
  readonly name: string;
  readonly kind: string;
  readonly protocol: string;
  /** What the chain needs beyond anvil's defaults. */
  readonly anvilArgs?: readonly string[];
  /** Defended twice: by a watch that judges blocks only, and by one that looks further ahead. */
  readonly beforeBlock?: Foresight;
}

/** A protocol that knows nothing of us: the drill puts its own defence around it. */
export interface GatedScenario extends Rehearsal {
  deploySlowRoles(options: {
    readonly rpcUrl: string;
    readonly owners: readonly Address[];
    readonly council: Address;
  }): Promise<SlowRoles>;
  setup(options: { readonly rpcUrl: string; readonly seed: number; readonly gateCode?: GateCode }): Promise<Stage>;
}

/** A protocol that embeds the modules: it comes twice, without them and with them. */
export interface EmbeddedScenario extends Rehearsal {
  setup(options: { readonly rpcUrl: string; readonly seed: number }): Promise<Stage>;
  setupDefended(options: {
    readonly rpcUrl: string;
    readonly seed: number;
    readonly guardians: readonly Address[];
  }): Promise<{ readonly stage: Stage; readonly defence: Defence }>;
}

export type Scenario = GatedScenario | EmbeddedScenario;
