// How guardians take a program's guard rule back: one message, one call of the council.
import { guardianCouncil } from "@testudo/contracts";
import type { ClearRuleMessage } from "@testudo/core/model/Action";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { TypedMessage } from "@testudo/core/model/Signer";
import { encodeFunctionData } from "viem/utils";
import type { SignedApproval } from "./SignedApproval.ts";
import { sortApprovals } from "./sortApprovals.ts";

const types = {
  ClearRule: [
    { name: "target", type: "address" },
    { name: "selector", type: "bytes4" },
    { name: "reason", type: "bytes32" },
    { name: "evidence", type: "bytes32" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} as const;

/** The message that guardians sign, as typed data of the council at `council` on chain `chainId`. */
export function clearRuleTypedData(message: ClearRuleMessage, council: Address, chainId: number): TypedMessage {
  return {
    domain: { name: "Testudo Council", version: "1", chainId, verifyingContract: council },
    types,
    primaryType: "ClearRule",
    message: { ...message },
  };
}

/** Calldata of `clearRuleBySig`. Throws `SignerTwice` when a signer comes twice: one person is one vote. */
export function encodeClearRuleBySig(message: ClearRuleMessage, approvals: readonly SignedApproval[]): Hex {
  return encodeFunctionData({
    abi: guardianCouncil.abi,
    functionName: "clearRuleBySig",
    args: [message, sortApprovals(approvals)],
  });
}
