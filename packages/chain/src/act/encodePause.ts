import { guardianCouncil } from "@testudo/contracts";
import type { PauseMessage } from "@testudo/core/model/Action";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { TypedMessage } from "@testudo/core/model/Signer";
import type { TypedDataDefinition } from "viem";
import { encodeFunctionData, hashTypedData, recoverAddress } from "viem/utils";
import type { SignedApproval } from "./SignedApproval.ts";
import { sortApprovals } from "./sortApprovals.ts";

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

/** The message that guardians sign, as typed data of the council at `council` on chain `chainId`. */
export function pauseTypedData(message: PauseMessage, council: Address, chainId: number): TypedMessage {
  return {
    domain: { name: "Testudo Council", version: "1", chainId, verifyingContract: council },
    types,
    primaryType: "Pause",
    message: { ...message },
  };
}

/** The EIP-712 digest of a pause. */
export function hashPause(message: PauseMessage, council: Address, chainId: number): Hex {
  return hashTypedData(pauseTypedData(message, council, chainId) as unknown as TypedDataDefinition);
}

/**
 * Whether `signature` is `signer`'s under the pause, for keys (65 bytes). The contract decides for member contracts, so
 * their longer signatures are checked by simulation. Never throws: an odd signature is a wrong one.
 */
export async function verifyApproval(
  message: PauseMessage,
  council: Address,
  chainId: number,
  { signer, signature }: SignedApproval,
): Promise<boolean> {
  if (signature.length !== 132) return false;
  try {
    const hash = hashPause(message, council, chainId);
    return (await recoverAddress({ hash, signature })).toLowerCase() === signer.toLowerCase();
  } catch {
    return false;
  }
}

/**
 * Calldata of `pauseBySig`. The council wants signers strictly ascending, so approvals are sorted here.
 * Throws `SignerTwice` when a signer comes twice: one person is one vote.
 */
export function encodePauseBySig(message: PauseMessage, approvals: readonly SignedApproval[]): Hex {
  return encodeFunctionData({
    abi: guardianCouncil.abi,
    functionName: "pauseBySig",
    args: [{ ...message, until: Number(message.until) }, sortApprovals(approvals)],
  });
}
