// What the transactions of recorded blocks and capsules have in common, in the words of JSON-RPC.
import type { EvmTransaction } from "@testudo/core/model/Evm";
import { z } from "zod";
import { addressSchema, hexSchema, quantitySchema, wordSchema } from "./recordedSchema.ts";

const authorizationSchema = z.object({
  chainId: hexSchema,
  address: addressSchema,
  nonce: hexSchema,
  yParity: hexSchema,
  r: wordSchema,
  s: wordSchema,
});

/** Prices and lists of a transaction; each may be left out. */
export const pricingFields = {
  type: quantitySchema.optional(),
  gasPrice: quantitySchema.optional(),
  maxFeePerGas: quantitySchema.optional(),
  maxPriorityFeePerGas: quantitySchema.optional(),
  maxFeePerBlobGas: quantitySchema.optional(),
  accessList: z.array(z.object({ address: addressSchema, storageKeys: z.array(wordSchema) })).nullish(),
  blobVersionedHashes: z.array(wordSchema).nullish(),
  authorizationList: z.array(authorizationSchema).nullish(),
};

type Pricing = z.output<z.ZodObject<typeof pricingFields>>;

/** What `tx` pays and lists, as an engine takes it. */
export function toPricing(tx: Pricing): Partial<EvmTransaction> {
  // Nodes repeat the price that was paid beside the two fields that were signed.
  const hasTwoFees = tx.maxFeePerGas !== undefined;
  return {
    ...(hasTwoFees || tx.gasPrice === undefined ? {} : { gasPrice: tx.gasPrice }),
    ...(tx.maxFeePerGas === undefined ? {} : { maxFeePerGas: tx.maxFeePerGas }),
    ...(tx.maxPriorityFeePerGas === undefined ? {} : { maxPriorityFeePerGas: tx.maxPriorityFeePerGas }),
    ...(tx.maxFeePerBlobGas === undefined ? {} : { maxFeePerBlobGas: tx.maxFeePerBlobGas }),
    // An empty list on a legacy transaction is a node's courtesy.
    ...(tx.accessList == null || tx.type === 0n ? {} : { accessList: tx.accessList }),
    ...(tx.blobVersionedHashes == null ? {} : { blobVersionedHashes: tx.blobVersionedHashes }),
    ...(tx.authorizationList == null ? {} : { authorizationList: tx.authorizationList }),
  };
}
