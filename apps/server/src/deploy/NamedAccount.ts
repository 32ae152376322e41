import type { Address } from "@testudo/core/model/Hex";

/** What an account may do in a deployment, by the name of its role. */
export type RoleKind =
  | "guardian"
  | "slowWallet"
  | "executor"
  | "steward"
  | "stewardGuardian"
  | "tripper"
  | "program"
  | "owner"
  | "arbitrator"
  | "attestor"
  | "source"
  | "bridgeAttestor";

/** An account outside the deployment that the file gives a role. */
export interface NamedAccount {
  readonly kind: RoleKind;
  readonly path: readonly PropertyKey[];
  readonly account: Address;
  /** The role in words, as "steward". */
  readonly role: string;
  /** Whether one key would be too few: it has to be a wallet of several off development chains. */
  readonly mustBeMany?: boolean;
}

/** A contract outside the deployment, with its place in the file. */
export type NamedSource = readonly [path: readonly PropertyKey[], address: Address];
