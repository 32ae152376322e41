// Transactions out of files: those that a capsule holds, and those that are given beside it.
import type { EvmTransaction } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import { z } from "zod";
import { readPacked } from "../readPacked.ts";
import { addressSchema, firstIssue, hexSchema, quantitySchema, wordSchema } from "../recordedSchema.ts";
import type { ToRun } from "./runExamined.ts";

const transactionSchema = z.object({
  hash: wordSchema.optional(),
  from: addressSchema,
  to: addressSchema.nullish(),
  value: quantitySchema.default(0n),
  input: hexSchema.optional(),
  data: hexSchema.optional(),
  gas: quantitySchema.optional(),
  nonce: quantitySchema.optional(),
  gasPrice: quantitySchema.optional(),
  maxFeePerGas: quantitySchema.optional(),
  maxPriorityFeePerGas: quantitySchema.optional(),
  accessList: z.array(z.object({ address: addressSchema, storageKeys: z.array(wordSchema) })).nullish(),
});

const listSchema = z.object({ hardfork: z.string().optional(), transactions: z.array(transactionSchema).max(1_000) });
const fileSchema = z.union([
  listSchema,
  z.array(transactionSchema).transform((transactions): z.output<typeof listSchema> => ({ transactions })),
  transactionSchema.transform((one): z.output<typeof listSchema> => ({ transactions: [one] })),
]);

// Far above what any attack that is known used.
const defaultGas = 100_000_000n;

export interface TransactionFile {
  readonly transactions: readonly ToRun[];
  /** Rules by name, where the file says which. */
  readonly hardfork?: string;
}

/** The transactions in a file: one, a list, or `{hardfork, transactions}`. Throws `NoTransactions`. */
export function parseTransactionFile(bytes: Uint8Array, label: string): TransactionFile {
  const parsed = fileSchema.safeParse(readOrRefuse(bytes, label));
  if (!parsed.success) throw new NoTransactions(label, firstIssue(parsed.error));
  const { hardfork, transactions } = parsed.data;
  if (transactions.length === 0) throw new NoTransactions(label, "it holds none");
  return { transactions: transactions.map(toRun), ...(hardfork === undefined ? {} : { hardfork }) };
}

/** The transactions that a capsule holds; none where it is a state alone. Throws `NoTransactions` for damaged ones. */
export function transactionsInCapsule(bytes: Uint8Array, label: string): readonly ToRun[] {
  const parsed = z
    .object({ transactions: z.array(transactionSchema).default([]) })
    .safeParse(readOrRefuse(bytes, label));
  if (!parsed.success) throw new NoTransactions(label, firstIssue(parsed.error));
  return parsed.data.transactions.map(toRun);
}

function toRun(given: z.output<typeof transactionSchema>): ToRun {
  const { hash, from, to, value, gas, nonce, gasPrice, maxFeePerGas, maxPriorityFeePerGas, accessList } = given;
  const input: Hex = given.input ?? given.data ?? "0x";
  const tx: EvmTransaction = {
    from,
    to: to ?? null,
    value,
    input,
    gas: gas ?? defaultGas,
    ...(nonce === undefined ? {} : { nonce }),
    ...(maxFeePerGas === undefined ? (gasPrice === undefined ? {} : { gasPrice }) : { maxFeePerGas }),
    ...(maxPriorityFeePerGas === undefined ? {} : { maxPriorityFeePerGas }),
    ...(accessList == null || accessList.length === 0 ? {} : { accessList }),
  };
  return hash === undefined ? { tx } : { tx, hash };
}

function readOrRefuse(bytes: Uint8Array, label: string): unknown {
  try {
    return readPacked(bytes);
  } catch (cause) {
    throw new NoTransactions(label, `it is no JSON: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
}

/** A file holds no transactions that could be run. Not retryable. */
export class NoTransactions extends Error {
  override readonly name = "NoTransactions";
  constructor(label: string, what: string, cause?: unknown) {
    super(
      [
        `"${label}" holds no transactions to run: ${what}.`,
        "- A transaction has from, to, input, value, gas and nonce, as JSON-RPC writes them.",
        "- Give a capsule with transactions, or --tx FILE beside it.",
      ].join("\n"),
      { cause },
    );
  }
}
