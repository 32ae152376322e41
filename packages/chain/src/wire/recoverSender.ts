import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import { keccak256, parseTransaction, recoverAddress, serializeTransaction } from "viem/utils";

type Serialized = Parameters<typeof parseTransaction>[0];
type Unsigned = Parameters<typeof serializeTransaction>[0];
type Signature = Parameters<typeof recoverAddress>[0]["signature"];

/**
 * The account that signed the bytes of a transaction, of any type that a node takes. Rejects where they are none, or their
 * signature names nobody.
 *
 * viem has the same in its main entry, which loads 180 modules more at every start of ours.
 */
export async function recoverSender(raw: Hex): Promise<Address> {
  const { r, s, v, yParity, sidecars, ...unsigned } = parseTransaction(raw as Serialized);
  // The signature does not go over itself, nor over the blobs that travel beside a transaction.
  const hash = keccak256(serializeTransaction(unsigned as Unsigned));
  return toLower(await recoverAddress({ hash, signature: { r, s, v, yParity } as Signature }));
}
