import { guardianCouncil } from "@testudo/contracts";
import type { PauseMessage } from "@testudo/core/model/Action";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { TypedMessage } from "@testudo/core/model/Signer";
import { encodeFunctionData, hashTypedData, type TypedDataDefinition } from "viem";
import { recoverAddress } from "viem/utils";

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

/** A guardian's signature. A member contract's is its address followed by its ERC-1271 signature. */
export interface SignedApproval {
  readonly signer: Address;
  readonly signature: Hex;
}

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
  const sorted = approvals
    .map(({ signer, signature }) => ({ signer: BigInt(signer), signature }))
    .sort((a, b) => (a.signer < b.signer ? -1 : 1));
  for (let i = 1; i < sorted.length; i++)
    if (sorted[i]!.signer === sorted[i - 1]!.signer) throw new SignerTwice(sorted[i]!.signer);
  return encodeFunctionData({
    abi: guardianCouncil.abi,
    functionName: "pauseBySig",
    args: [{ ...message, until: Number(message.until) }, sorted.map(({ signature }) => signature)],
  });
}

/** The same signer approved twice. */
export class SignerTwice extends Error {
  override readonly name = "SignerTwice";
  constructor(signer: bigint) {
    super(
      [
        `Signer 0x${signer.toString(16).padStart(40, "0")} stands twice in one pause.`,
        "- Each guardian counts once.",
        "- Keep one signature for each signer.",
      ].join("\n"),
    );
  }
}
