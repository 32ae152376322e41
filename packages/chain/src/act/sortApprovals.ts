import type { Hex } from "@testudo/core/model/Hex";
import type { SignedApproval } from "./SignedApproval.ts";

/** The signatures in the order of their signers, which is how the council wants them. Throws `SignerTwice`. */
export function sortApprovals(approvals: readonly SignedApproval[]): Hex[] {
  const sorted = approvals
    .map(({ signer, signature }) => ({ signer: BigInt(signer), signature }))
    .sort((a, b) => (a.signer < b.signer ? -1 : 1));
  for (let i = 1; i < sorted.length; i++)
    if (sorted[i]!.signer === sorted[i - 1]!.signer) throw new SignerTwice(sorted[i]!.signer);
  return sorted.map(({ signature }) => signature);
}

/** The same signer approved twice. */
export class SignerTwice extends Error {
  override readonly name = "SignerTwice";
  constructor(signer: bigint) {
    super(
      [
        `Signer 0x${signer.toString(16).padStart(40, "0")} stands twice under one message.`,
        "- Each guardian counts once.",
        "- Keep one signature for each signer.",
      ].join("\n"),
    );
  }
}
