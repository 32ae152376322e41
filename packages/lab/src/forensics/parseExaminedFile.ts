// Transactions that are given beside a capsule.
import { z } from "zod";
import type { CapsuleTransaction } from "../record/Capsule.ts";
import { transactionsMax } from "../record/capsuleSchema.ts";
import { gasMax, givenTransactionSchema } from "../record/capsuleTransactionSchema.ts";
import { readPacked } from "../record/readPacked.ts";
import { firstIssue } from "../record/recordedSchema.ts";
import type { ToRun } from "./runExamined.ts";

const listSchema = z.strictObject({
  hardfork: z.string().optional(),
  transactions: z.array(givenTransactionSchema).max(transactionsMax),
});

/** A transaction to run, with the block that it names. */
export interface GivenRun extends ToRun {
  readonly blockNumber?: bigint;
}

export interface TransactionFile {
  readonly transactions: readonly GivenRun[];
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

function toRun(given: CapsuleTransaction): GivenRun {
  const { hash, blockNumber, isGasLeftOut, type: _, raw: __, expected: ___, role: ____, ...tx } = given;
  return {
    tx: isGasLeftOut === true ? { ...tx, gas: gasMax } : tx,
    ...(hash === undefined ? {} : { hash }),
    ...(blockNumber === undefined ? {} : { blockNumber }),
    ...(isGasLeftOut === true ? { isGasLeftOut } : {}),
  };
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
