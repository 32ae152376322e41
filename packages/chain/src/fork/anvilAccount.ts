import { pbkdf2Sync } from "node:crypto";
import type { Hex } from "@testudo/core/model/Hex";
import { HDKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { bytesToHex } from "viem/utils";

// The public test mnemonic. Its keys are known to everybody and worth nothing outside a development chain.
const mnemonic = "test test test test test test test test test test test junk";

// BIP-39 stretches a mnemonic 2,048 times, which in JavaScript takes longer than all that follows: it is done once.
let root: HDKey | undefined;
const branches = new Map<number, HDKey>();

/**
 * The private key at `m/44'/60'/accountIndex'/0/addressIndex` (BIP-44) of the mnemonic that anvil takes. anvil itself
 * unlocks the first ten of account 0; whoever needs accounts with nonces of their own takes another `accountIndex`.
 */
export function anvilKey(addressIndex = 0, { accountIndex = 0 } = {}): Hex {
  let branch = branches.get(accountIndex);
  if (!branch) {
    root ??= HDKey.fromMasterSeed(pbkdf2Sync(mnemonic, "mnemonic", 2048, 64, "sha512"));
    branch = root.derive(`m/44'/60'/${accountIndex}'/0`);
    branches.set(accountIndex, branch);
  }
  const { privateKey } = branch.deriveChild(addressIndex);
  if (!privateKey) throw new TypeError("The test mnemonic gives no key.");
  return bytesToHex(privateKey);
}

/** The account of that key. */
export const anvilAccount = (addressIndex = 0, of: { accountIndex?: number } = {}): PrivateKeyAccount =>
  privateKeyToAccount(anvilKey(addressIndex, of));
