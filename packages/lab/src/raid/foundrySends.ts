import { getAddress } from "viem/utils";
import type { Capsule, CapsuleTransaction } from "../record/Capsule.ts";
import { blockStatements } from "./foundryState.ts";
import { NotWritable } from "./NotWritable.ts";
import { withBytes } from "./withBytes.ts";

/**
 * Statements that send the transactions of `capsule` in their order, each in its block. One that failed where it was recorded has to
 * fail. Throws `NotWritable` for blobs and authorizations.
 */
export function sendStatements(capsule: Capsule): string[] {
  let entered = capsule.block.number;
  return (capsule.transactions ?? []).flatMap((tx, i) => {
    const { blockNumber = capsule.block.number + 1n } = tx;
    const enters = blockNumber === entered ? [] : blockStatements(capsule, blockNumber);
    entered = blockNumber;
    return [...enters, ...sendOf(tx, i + 1)];
  });
}

function sendOf(tx: CapsuleTransaction, number: number): string[] {
  if (tx.authorizationList?.length) throw new NotWritable(`transaction ${number} carries authorizations`);
  if (tx.blobVersionedHashes?.length) throw new NotWritable(`transaction ${number} carries blobs`);
  const from = getAddress(tx.from);
  const verb = `${tx.to === null ? "_create" : "_send"}${tx.expected?.succeeded === false ? "Failing" : ""}`;
  const to = tx.to === null ? "" : `${getAddress(tx.to)}, `;
  const gas = tx.to === null ? "" : `${tx.gas}, `;
  return [
    ...(tx.nonce === undefined ? [] : [`vm.setNonceUnsafe(${from}, ${tx.nonce});`]),
    withBytes(tx.input, (text) => `${verb}(${number}, ${from}, ${to}${tx.value}, ${gas}${text});`),
  ];
}
