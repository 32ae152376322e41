import type { ActionState, SendWay } from "./ActionStatus.ts";
import type { BlockBundle, BlockRef } from "./BlockBundle.ts";
import type { ChainEvent, StreamTrouble } from "./ChainEvent.ts";
import type { Derived } from "./Derivation.ts";
import type { Finding } from "./Finding.ts";
import type { FindingStatus, Resolution } from "./FindingStatus.ts";
import type { Address, Hex } from "./Hex.ts";
import type { Prediction } from "./PendingTx.ts";
import type { ReportDraft } from "./Report.ts";
import type { Verdict } from "./Review.ts";
import type { SimulatedCall } from "./Simulation.ts";
import type { StateAnswer } from "./StateRead.ts";

/** `shadow`: propose and simulate, send nothing (the default). `armed`: may send. `killed`: sends nothing, proposes nothing. */
export type Mode = "shadow" | "armed" | "killed";

/** The finding that a person speaks of and how it stands, as the records have it: its case may have been put away. */
export interface Shelved extends Pick<FindingStatus, "chain" | "work" | "resolution" | "sequence"> {
  readonly finding: Finding;
  /** The thread that it was told in, where that is not its own key; and that it was told, where it is of history. */
  readonly thread?: Hex;
  readonly isTold?: true;
}

/** Everything that can happen to the pipeline. What is not here does not exist for it: no clock, network, disk. */
export type Input =
  | ChainEvent
  | StreamTrouble
  /** Answers to the reads that the last step asked for, by `keyOfRead`. */
  | {
      readonly kind: "reads";
      readonly blockHash: Hex;
      readonly answers: readonly (readonly [key: string, answer: StateAnswer])[];
    }
  /**
   * A pending transaction as it ran on the state after `bundle.ref.parentHash`: a block of one transaction that nobody made.
   * Reads at `block` mean the state after it. Judged, and forgotten but for the findings (PRE-01).
   */
  | { readonly kind: "pending"; readonly bundle: BlockBundle; readonly prediction: Prediction }
  /** A new contract was called on a fork as its deployer might, and a call of it did harm (PRE-06). */
  | {
      readonly kind: "probe";
      readonly contract: Address;
      readonly deployer: Address;
      /** The transaction that created it. */
      readonly creation: Hex;
      /** The protected address that lost. */
      readonly subject: Address;
      readonly reason: string;
      /** SHA-256 of the call that did it. The call itself is a working exploit and no part of the records. */
      readonly callHash: Hex;
      /** The call, encrypted for the guardians, where the configuration names any: an armoured age file. */
      readonly sealed?: string;
      readonly calls: number;
    }
  /** Somebody can show how harm could be done. Nothing has happened yet (LAB-32). */
  | { readonly kind: "report"; readonly report: ReportDraft }
  /** A detector overran, or ended its thread; the block is judged again without it (DET-05). */
  | {
      readonly kind: "detectorLost";
      readonly detector: string;
      readonly blockHash: Hex;
      readonly what: "timed-out" | "died";
      readonly message: string;
    }
  | {
      readonly kind: "simulation";
      readonly action: Hex;
      readonly passed: boolean;
      readonly ref: BlockRef;
      readonly calls: readonly SimulatedCall[];
      readonly note: string;
    }
  /** What came of looking for a rule (LAB-22). */
  | { readonly kind: "derived"; readonly request: Hex; readonly derived: Derived }
  /** A signature whose signer the driver has recovered; whether that is a guardian is checked here and on chain. */
  | { readonly kind: "approval"; readonly action: Hex; readonly signer: Address; readonly signature: Hex }
  /** What the sender did with an action. */
  | {
      readonly kind: "effect";
      readonly action: Hex;
      readonly state: ActionState;
      readonly note: string;
      readonly txHash?: Hex;
      readonly blockNumber?: bigint;
      /** Left out: no relay is named, and there is one way only. */
      readonly way?: SendWay;
    }
  /** The detectors that judge from here on, by id with the hash of what each is made of (DET-06). */
  | { readonly kind: "rules"; readonly actor: string; readonly detectors: { readonly [id: string]: Hex } }
  | { readonly kind: "mode"; readonly mode: Mode; readonly actor: string; readonly reason: string }
  | {
      readonly kind: "acknowledge";
      readonly finding: Hex;
      readonly actor: string;
      readonly note: string;
      readonly shelved?: Shelved;
    }
  | {
      readonly kind: "resolve";
      readonly finding: Hex;
      readonly resolution: Resolution;
      readonly actor: string;
      readonly note: string;
      /** Who said it showed a token of his own. */
      readonly isProved?: true;
      readonly shelved?: Shelved;
    }
  /** What another person says of a finding that one marked as no attack (FIND-08). */
  | {
      readonly kind: "review";
      readonly finding: Hex;
      readonly verdict: Verdict;
      readonly actor: string;
      readonly note: string;
    };
