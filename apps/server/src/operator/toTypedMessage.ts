import { clearRuleTypedData } from "@testudo/chain/act/encodeClearRule";
import { pauseTypedData } from "@testudo/chain/act/encodePause";
import { type Action, toClearRuleMessage, toPauseMessage } from "@testudo/core/model/Action";
import type { TypedMessage } from "@testudo/core/model/Signer";

/**
 * The EIP-712 message that guardians sign about `action`, bound to chain and council by its domain: the council's Pause; of a
 * rule, which needs no signature to come into force, the ClearRule that takes it back.
 */
export function toTypedMessage(action: Action): TypedMessage {
  const { council, chainId } = action;
  if (action.type === "pause") return pauseTypedData(toPauseMessage(action), council, chainId);
  return clearRuleTypedData(toClearRuleMessage(action), council, chainId);
}
