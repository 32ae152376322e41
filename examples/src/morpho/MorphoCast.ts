import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import type { LocalAccount } from "viem";

/** Everyone who acts in the example: anvil's own ten accounts. The keys are public and worth nothing elsewhere. */
export type MorphoCast = {
  /** Deploys, owns Morpho, and proposes to the timelock and executes; a team would have a Safe for that. */
  readonly deployer: LocalAccount;
  /** Sends what others signed; holds no role. */
  readonly relayer: LocalAccount;
  /** The council's members: two pause. */
  readonly guardians: readonly LocalAccount[];
  readonly lender: LocalAccount;
  readonly borrower: LocalAccount;
  readonly attacker: LocalAccount;
  /** Writes the two honest feeds. */
  readonly reporter: LocalAccount;
  readonly liquidator: LocalAccount;
};

/** The cast, always the same. */
export const morphoCast: MorphoCast = Object.freeze({
  deployer: anvilAccount(0),
  relayer: anvilAccount(1),
  guardians: [anvilAccount(2), anvilAccount(3), anvilAccount(4)],
  lender: anvilAccount(5),
  borrower: anvilAccount(6),
  attacker: anvilAccount(7),
  reporter: anvilAccount(8),
  liquidator: anvilAccount(9),
});
