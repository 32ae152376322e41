import type { Address, Hex } from "./Hex.ts";
import type { RecordBase } from "./Record.ts";

/** A guardian's signature under an action, already verified against the signer's address. */
export interface Approval extends RecordBase {
  readonly kind: "Approval";
  readonly action: Hex;
  readonly signer: Address;
  readonly signature: Hex;
}
