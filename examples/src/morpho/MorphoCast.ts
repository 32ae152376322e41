import type { LocalAccount } from "viem";
import { mnemonicToAccount } from "viem/accounts";

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

const mnemonic = "test test test test test test test test test test test junk";
const at = (addressIndex: number) => mnemonicToAccount(mnemonic, { addressIndex });

/** The cast, always the same. */
export const morphoCast: MorphoCast = Object.freeze({
  deployer: at(0),
  relayer: at(1),
  guardians: [at(2), at(3), at(4)],
  lender: at(5),
  borrower: at(6),
  attacker: at(7),
  reporter: at(8),
  liquidator: at(9),
});
