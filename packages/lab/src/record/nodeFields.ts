import { z } from "zod";

// Names that a node's answer to eth_getTransactionByHash has, or that a request to send takes, beside those of a capsule. They say
// where a transaction stands and who signed it, and change nothing of what it does.
const names = [
  // The execution API, and geth's additions.
  ...["blockHash", "blockTimestamp", "transactionIndex", "chainId", "v", "r", "s", "yParity"],
  ...["blobs", "commitments", "proofs"],
  // Parity, and what took over its answers.
  ...["creates", "publicKey", "standardV", "condition"],
  // Optimism and its kin, before and after Bedrock.
  ...["sourceHash", "mint", "isSystemTx", "depositReceiptVersion"],
  ...["queueOrigin", "l1TxOrigin", "l1BlockNumber", "l1Timestamp", "index", "queueIndex", "rawTransaction"],
  // Arbitrum.
  ...["requestId", "ticketId", "maxRefund", "submissionFeeRefund", "refundTo", "l1BaseFee", "depositValue"],
  ...["retryTo", "retryValue", "retryData", "beneficiary"],
] as const;

/** Fields of a transaction that are known and not read. */
export const nodeFields = Object.fromEntries(names.map((name) => [name, z.unknown().optional()])) as {
  readonly [name in (typeof names)[number]]: z.ZodOptional<z.ZodUnknown>;
};
