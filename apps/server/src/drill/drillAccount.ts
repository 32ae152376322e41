import type { Hex } from "@testudo/core/model/Hex";
import { mnemonicToAccount } from "viem/accounts";

// anvil's own unlocked accounts: the public test mnemonic.
const mnemonic = "test test test test test test test test test test test junk";

/** Account `addressIndex` of those that the drill's chain unlocks. */
export const drillAccount = (addressIndex: number) => mnemonicToAccount(mnemonic, { addressIndex });

/** The private key of that account; a TypeError when there is none. */
export function drillKey(index: number): Hex {
  const key = drillAccount(index).getHdKey().privateKey;
  if (!key) throw new TypeError("The test mnemonic gives no key.");
  return `0x${Buffer.from(key).toString("hex")}`;
}
