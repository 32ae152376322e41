import { Common, type CustomCrypto, createCustomCommon, type Hardfork, Mainnet } from "@ethereumjs/common";
import { paramsEVM } from "@ethereumjs/evm";
import type { EvmBlock } from "@testudo/core/model/Evm";

// Forks of mainnet before the merge went by number; a block that names no rules is a later one.
const mergedAt = 15_537_394n;

// The engine asks for a prover of blobs to be there before it takes a transaction that names some. None is ever called:
// blobs are no part of what is executed, and who wants a point of one proved is stopped at the precompile.
const refuse = (): never => {
  throw new TypeError("Blobs are not proved here.");
};
const noProofs: NonNullable<CustomCrypto["kzg"]> = {
  blobToKzgCommitment: refuse,
  computeBlobProof: refuse,
  verifyProof: refuse,
  verifyBlobProofBatch: refuse,
  computeCells: refuse,
  computeCellsAndProofs: refuse,
  recoverCellsAndProofs: refuse,
  verifyCellKzgProofBatch: refuse,
};

/**
 * The rules of `block`: those that it names, else those in force on Ethereum mainnet at its time. Other chains took over
 * mainnet's forks within weeks; who needs it exact names them.
 */
export function openRules({ chainId, timestamp, hardfork }: EvmBlock): Common {
  const mainnet = new Common({ chain: Mainnet });
  const name = hardfork ?? mainnet.getHardforkBy({ blockNumber: mergedAt, timestamp });
  const common = createCustomCommon({ chainId }, Mainnet, {
    hardfork: name as Hardfork,
    customCrypto: { kzg: noProofs },
  });
  common.updateParams(paramsEVM);
  return common;
}
