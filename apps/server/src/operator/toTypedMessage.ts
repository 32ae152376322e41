import { type Action, toPauseMessage } from "@testudo/core/model/Action";
import type { TypedMessage } from "@testudo/core/model/Signer";

const types = {
  Pause: [
    { name: "target", type: "address" },
    { name: "selectors", type: "bytes4[]" },
    { name: "until", type: "uint40" },
    { name: "reason", type: "bytes32" },
    { name: "evidence", type: "bytes32" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} as const;

/** The EIP-712 message that guardians sign for `action`: the council's Pause, bound to chain and council by its domain. */
export function toTypedMessage(action: Action): TypedMessage {
  return {
    domain: { name: "Testudo Council", version: "1", chainId: action.chainId, verifyingContract: action.council },
    types,
    primaryType: "Pause",
    message: { ...toPauseMessage(action) },
  };
}
