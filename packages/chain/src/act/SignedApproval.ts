import type { Address, Hex } from "@testudo/core/model/Hex";

/** A guardian's signature. A member contract's is its address followed by its ERC-1271 signature. */
export interface SignedApproval {
  readonly signer: Address;
  readonly signature: Hex;
}
