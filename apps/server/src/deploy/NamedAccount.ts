import type { Address } from "@testudo/core/model/Hex";

/** An account outside the deployment that a module of the file gives a role. */
export interface NamedAccount {
  readonly path: readonly PropertyKey[];
  readonly account: Address;
  readonly role: string;
  /** Whether one key would be too few: it has to be a wallet of several off development chains. */
  readonly mustBeMany?: boolean;
}

/** A contract outside the deployment, with its place in the file. */
export type NamedSource = readonly [path: readonly PropertyKey[], address: Address];
