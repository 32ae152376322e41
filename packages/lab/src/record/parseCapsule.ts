import type { Capsule, CapsuleTransaction } from "./Capsule.ts";
import { capsuleSchema, transactionsOf } from "./capsuleSchema.ts";
import { givenTransactionSchema } from "./capsuleTransactionSchema.ts";
import { gasOf } from "./gasOf.ts";
import { readPacked } from "./readPacked.ts";
import { firstIssue, toAccounts } from "./recordedSchema.ts";

/** Most bytes of a capsule's file. */
export const capsuleFileMax = 64 * 1024 * 1024;
/** Most that it may unpack to. */
const unpackedMax = 256 * 1024 * 1024;

/** Reads a capsule from a file's bytes, gzip or plain. Throws `NotACapsule` for anything else. */
export function parseCapsule(bytes: Uint8Array, label: string): Capsule {
  const parsed = capsuleSchema.safeParse(readOrRefuse(bytes, label));
  if (!parsed.success) throw new NotACapsule(label, firstIssue(parsed.error));
  const { format, accounts, headers, ...rest } = parsed.data;
  const capsule = { ...rest, accounts: toAccounts(accounts, new Set()) };
  if (headers === undefined) return withGas(capsule as Capsule);
  const sorted = headers.toSorted((a, b) => (a.number < b.number ? -1 : 1));
  const twice = sorted.find(({ number }, i) => sorted[i + 1]?.number === number);
  if (twice !== undefined) throw new NotACapsule(label, `headers: block ${twice.number} stands there twice`);
  return withGas({ ...capsule, headers: sorted } as Capsule);
}

function withGas(capsule: Capsule): Capsule {
  if (capsule.transactions === undefined) return capsule;
  return { ...capsule, transactions: capsule.transactions.map((tx) => ({ ...tx, gas: gasOf(capsule, tx) })) };
}

const fileSchema = transactionsOf(givenTransactionSchema);

/**
 * Reads transactions for a capsule that holds state alone: a JSON array of them, or one object, gzip or plain. They have the
 * form that they have in a capsule, or what a node answers for them. Throws `NotTransactions` for anything else.
 */
export function parseTransactions(bytes: Uint8Array, label: string): readonly CapsuleTransaction[] {
  const json = readOr(bytes, (what, cause) => new NotTransactions(label, what, cause));
  const parsed = fileSchema.safeParse(Array.isArray(json) ? json : [json]);
  if (!parsed.success) throw new NotTransactions(label, firstIssue(parsed.error));
  if (parsed.data.length === 0) throw new NotTransactions(label, "the list is empty");
  return parsed.data;
}

function readOrRefuse(bytes: Uint8Array, label: string): unknown {
  return readOr(bytes, (what, cause) => new NotACapsule(label, what, cause));
}

function readOr(bytes: Uint8Array, refusal: (what: string, cause?: unknown) => Error): unknown {
  if (bytes.length > capsuleFileMax)
    throw refusal(`it has ${bytes.length} bytes, and at most ${capsuleFileMax} are read`);
  try {
    return readPacked(bytes, unpackedMax);
  } catch (cause) {
    throw refusal(`it is no JSON: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
}

/** A file is not a capsule. Not retryable. */
export class NotACapsule extends Error {
  override readonly name = "NotACapsule";
  constructor(label: string, what: string, cause?: unknown) {
    super(
      [
        `"${label}" is no capsule: ${what}.`,
        '- A capsule is JSON or gzip of it, with format "testudo-capsule/1".',
        "- Name a file, or a folder of such files.",
      ].join("\n"),
      { cause },
    );
  }
}

/** A file does not hold transactions. Not retryable. */
export class NotTransactions extends Error {
  override readonly name = "NotTransactions";
  constructor(label: string, what: string, cause?: unknown) {
    super(
      [
        `"${label}" holds no transactions: ${what}.`,
        "- Allowed is a JSON array of transactions, or one, each with `from` and what it does: `to`, `value`, `input`, `gas`.",
        "- docs/capsule.md tells the form.",
      ].join("\n"),
      { cause },
    );
  }
}
