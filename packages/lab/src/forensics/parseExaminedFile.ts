// Transactions that are given beside a capsule.
import type { EvmTransaction } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import { z } from "zod";
import { readPacked } from "../readPacked.ts";
import { addressSchema, firstIssue, hexSchema, quantitySchema, wordSchema } from "../recordedSchema.ts";
import { pricingFields, toPricing } from "../transactionSchema.ts";
import type { ToRun } from "./runExamined.ts";

/** Most gas of one transaction: above what any attack that is known used. Made to hurt, it takes our engine seconds. */
const mostGas = 100_000_000n;
const maxCount = 1n << 64n;

const transactionSchema = z.object({
  hash: wordSchema.optional(),
  from: addressSchema,
  to: addressSchema.nullish(),
  value: quantitySchema.default(0n),
  input: hexSchema.optional(),
  data: hexSchema.optional(),
  gas: quantitySchema.refine((gas) => gas <= mostGas, `a transaction has at most ${mostGas} gas`).optional(),
  nonce: quantitySchema.refine((nonce) => nonce < maxCount, "a nonce has at most 64 bits").optional(),
  impersonated: z.boolean().optional(),
  ...pricingFields,
});

const listSchema = z.object({ hardfork: z.string().optional(), transactions: z.array(transactionSchema).max(1_000) });
export interface TransactionFile {
  readonly transactions: readonly ToRun[];
  /** Rules by name, where the file says which. */
  readonly hardfork?: string;
}

/** The transactions in a file: one, a list, or `{hardfork, transactions}`. Throws `NoTransactions`. */
export function parseTransactionFile(bytes: Uint8Array, label: string): TransactionFile {
  const parsed = listSchema.safeParse(asList(readOrRefuse(bytes, label)));
  if (!parsed.success) throw new NoTransactions(label, firstIssue(parsed.error));
  const { hardfork, transactions } = parsed.data;
  if (transactions.length === 0) throw new NoTransactions(label, "it holds none");
  return { transactions: transactions.map(toRun), ...(hardfork === undefined ? {} : { hardfork }) };
}

// One union of the three forms would say of a wrong field only that none of them fits.
function asList(json: unknown): unknown {
  if (Array.isArray(json)) return { transactions: json };
  return typeof json === "object" && json !== null && !("transactions" in json) ? { transactions: [json] } : json;
}

function toRun(given: z.output<typeof transactionSchema>): ToRun {
  const { hash, from, to, value, gas, nonce } = given;
  const input: Hex = given.input ?? given.data ?? "0x";
  const plain = { from, to: to ?? null, value, input, gas: gas ?? mostGas, ...(nonce === undefined ? {} : { nonce }) };
  const tx: EvmTransaction = {
    ...plain,
    ...toPricing(given),
    ...(given.impersonated === true ? { isImpersonated: true } : {}),
  };
  return { tx, ...(hash === undefined ? {} : { hash }), ...(gas === undefined ? { isGasLeftOut: true } : {}) };
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
