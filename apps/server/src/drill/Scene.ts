import type { Anvil } from "@testudo/chain/fork/startAnvil";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { Commit } from "@testudo/core/model/Output";
import type { Signer } from "@testudo/core/model/Signer";
import type { Defence, Foresight, Scenario, SentTransaction, Stage } from "./Scenario.ts";

/** Where and how the defended run takes place. */
export interface DefendedOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  /** A folder of its own; emptied first. */
  readonly dataDir: string;
  readonly anvilPort?: number;
  readonly apiPort: number;
  /** How the watch looks ahead. Default: it judges blocks only. */
  readonly foresight?: Foresight;
  readonly onCommit: (commit: Commit, nameOf: (address: string) => string | undefined) => void;
  readonly onSlot: (slot: number, of: number, sent: readonly SentTransaction[]) => void;
  /** Told of the attack's transactions that reverted while the pause is on. */
  readonly onStopped: (sent: readonly SentTransaction[]) => void;
  readonly onStage: (what: string) => void;
  readonly signal: AbortSignal;
}

/** A defended chain that stands, and whoever takes part: all that the run's steps share. */
export interface Scene {
  readonly options: DefendedOptions;
  readonly anvil: Anvil;
  readonly endpoint: Endpoint;
  readonly stage: Stage;
  readonly defence: Defence;
  readonly guardians: readonly Signer[];
  /** Fires when the run is stopped or closed. */
  readonly stop: AbortController;
}
