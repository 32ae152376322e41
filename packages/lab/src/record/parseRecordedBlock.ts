import type { EvmBlock, EvmTransaction } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { z } from "zod";
import { readPacked } from "./readPacked.ts";
import {
  accountsSchema,
  addressSchema,
  firstIssue,
  hexSchema,
  quantitySchema,
  toAccounts,
  wordSchema,
} from "./recordedSchema.ts";
import type { RecordedAccount } from "./recordedState.ts";
import { pricingFields, toPricing } from "./transactionSchema.ts";

/** A block of a chain with the state before its first transaction, format `testudo-block/1`. */
export interface RecordedBlock {
  readonly block: EvmBlock & { readonly hash: Hex; readonly parentHash: Hex };
  readonly transactions: readonly RecordedTransaction[];
  /** `code` is null where it is not known. */
  readonly accounts: ReadonlyMap<Address, RecordedAccount>;
}

export interface RecordedTransaction extends EvmTransaction {
  readonly hash: Hex;
  readonly nonce: bigint;
  /** Left out of legacy transactions by some nodes; then 1. */
  readonly chainId: number;
}

const transactionSchema = z
  .object({
    hash: wordSchema,
    from: addressSchema,
    to: addressSchema.nullish(),
    value: quantitySchema,
    input: hexSchema,
    gas: quantitySchema,
    nonce: quantitySchema,
    chainId: quantitySchema.optional(),
    ...pricingFields,
  })
  .transform(
    (tx): RecordedTransaction => ({
      hash: tx.hash,
      chainId: Number(tx.chainId ?? 1n),
      from: tx.from,
      to: tx.to ?? null,
      value: tx.value,
      input: tx.input,
      gas: tx.gas,
      nonce: tx.nonce,
      ...toPricing(tx),
    }),
  );

const noHash: Hex = `0x${"0".repeat(64)}`;

const blockSchema = z.object({
  format: z.literal("testudo-block/1"),
  block: z.object({
    hash: wordSchema.default(noHash),
    parentHash: wordSchema.default(noHash),
    number: quantitySchema,
    timestamp: quantitySchema,
    gasLimit: quantitySchema,
    miner: addressSchema,
    baseFeePerGas: quantitySchema.default(0n),
    mixHash: wordSchema.default(noHash),
    excessBlobGas: quantitySchema.optional(),
    transactions: z.array(transactionSchema),
  }),
  preState: accountsSchema,
  missingCode: z.array(addressSchema).default([]),
});

/**
 * Reads a recorded block from a file's bytes, gzip or plain.
 * Throws `NotARecordedBlock` for anything else, with what is wrong first.
 */
export function parseRecordedBlock(bytes: Uint8Array, label: string): RecordedBlock {
  const parsed = blockSchema.safeParse(readJson(bytes, label));
  if (!parsed.success) throw new NotARecordedBlock(label, firstIssue(parsed.error));
  const { block, preState, missingCode } = parsed.data;
  const accounts = toAccounts(preState, new Set(missingCode));
  const { transactions, miner, mixHash, ...header } = block;
  // A transaction without protection against replay on other chains says nothing of its own.
  const chainId = Math.max(1, ...transactions.map((tx) => tx.chainId));
  return {
    block: { ...header, chainId, coinbase: miner, prevRandao: mixHash },
    transactions,
    accounts,
  } as RecordedBlock;
}

function readJson(bytes: Uint8Array, label: string): unknown {
  try {
    return readPacked(bytes);
  } catch (cause) {
    throw new NotARecordedBlock(label, `it is no JSON: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
}

/** A file is not a recorded block. Not retryable. */
export class NotARecordedBlock extends Error {
  override readonly name = "NotARecordedBlock";
  constructor(label: string, what: string, cause?: unknown) {
    super(
      [
        `"${label}" is no recorded block: ${what}.`,
        '- A recorded block is JSON or gzip of it, with format "testudo-block/1".',
        "- Name a file, or a folder of such files.",
      ].join("\n"),
      { cause },
    );
  }
}
