import { type Hex, toLower } from "@testudo/core/model/Hex";
import type { Signer } from "@testudo/core/model/Signer";
import type { TypedDataDefinition } from "viem";
import { privateKeyToAccount } from "viem/accounts";

/** A signer that holds `privateKey` in memory. */
export function localSigner(privateKey: Hex): Signer {
  const account = privateKeyToAccount(privateKey);
  return {
    address: toLower(account.address),
    // viem derives the message's type from literal types, which data that arrives at run time does not have.
    signTypedData: (message) => account.signTypedData(message as unknown as TypedDataDefinition),
    signTransaction: (transaction) => account.signTransaction({ ...transaction, type: "eip1559" }),
  };
}
