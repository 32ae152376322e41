import { pauseTypedData } from "@testudo/chain/encodePause";
import { type Action, toPauseMessage } from "@testudo/core/model/Action";
import type { TypedMessage } from "@testudo/core/model/Signer";

/** The EIP-712 message that guardians sign for `action`: the council's Pause, bound to chain and council by its domain. */
export function toTypedMessage(action: Action): TypedMessage {
  return pauseTypedData(toPauseMessage(action), action.council, action.chainId);
}
