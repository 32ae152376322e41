import type { Address } from "@testudo/core/model/Hex";
import { z } from "zod";
import { readPacked } from "./readPacked.ts";
import { accountsSchema, firstIssue, quantitySchema, toAccounts } from "./recordedSchema.ts";
import type { RecordedAccount } from "./recordedState.ts";

/** A recorded piece of chain state, format `testudo-capsule/1`: the state after `block`. */
export interface Capsule {
  readonly name: string;
  readonly chainId: number;
  readonly block: { readonly number: bigint; readonly timestamp: bigint; readonly baseFeePerGas: bigint };
  readonly accounts: ReadonlyMap<Address, RecordedAccount>;
}

const capsuleSchema = z.object({
  format: z.literal("testudo-capsule/1"),
  name: z.string(),
  chainId: z.number().int().positive(),
  block: z.object({ number: quantitySchema, timestamp: quantitySchema, baseFeePerGas: quantitySchema.default(0n) }),
  accounts: accountsSchema,
});

/** Reads a capsule from a file's bytes, gzip or plain. Throws `NotACapsule` for anything else. */
export function parseCapsule(bytes: Uint8Array, label: string): Capsule {
  const parsed = capsuleSchema.safeParse(readOrRefuse(bytes, label));
  if (!parsed.success) throw new NotACapsule(label, firstIssue(parsed.error));
  const { name, chainId, block, accounts } = parsed.data;
  return { name, chainId, block, accounts: toAccounts(accounts, new Set()) };
}

function readOrRefuse(bytes: Uint8Array, label: string): unknown {
  try {
    return readPacked(bytes);
  } catch (cause) {
    throw new NotACapsule(label, `it is no JSON: ${cause instanceof Error ? cause.message : cause}`, cause);
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
