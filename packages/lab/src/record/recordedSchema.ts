// What recorded blocks and capsules have in common.
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import { z } from "zod";
import type { RecordedAccount } from "./recordedState.ts";

// Ethereum allows 24 KiB. Other chains allow more; none a mebibyte.
const codeMax = 1_048_576;

/** Bytes as 0x…, lower-cased. */
export const hexSchema = z
  .string()
  .regex(/^0x[0-9a-fA-F]*$/)
  .transform(toLower);

export const addressSchema = hexSchema.refine((hex) => hex.length === 42, "an address has 20 bytes");

export const selectorSchema = hexSchema.refine((hex) => hex.length === 10, "a selector has 4 bytes");

/** At most 32 bytes, filled up at the front. */
export const wordSchema = hexSchema
  .refine((hex) => hex.length <= 66, "a word has 32 bytes")
  .transform((hex): Hex => `0x${hex.slice(2).padStart(64, "0")}`);

/** A number of up to 256 bits as 0x… or as JSON has it. Longer ones cost more to read than they can mean. */
export const quantitySchema = z
  .union([
    hexSchema.refine((hex) => hex.length > 2 && hex.length <= 66, "a number has 1 to 64 digits"),
    z.number().int().nonnegative(),
  ])
  .transform((quantity) => BigInt(quantity));

const countMax = 1n << 64n;

/** Heights, times and nonces have 64 bits. */
export const countSchema = quantitySchema.refine((n) => n < countMax, "it has at most 64 bits");

export const accountSchema = z.object({
  balance: quantitySchema,
  nonce: quantitySchema.refine((n) => n < 1n << 64n, "a nonce has at most 64 bits"),
  /** Null where there is code that nobody recorded. */
  code: hexSchema.refine((code) => code.length <= 2 + 2 * codeMax, `code has at most ${codeMax} bytes`).nullable(),
  codeHash: wordSchema.optional(),
  storage: z.record(wordSchema, wordSchema).default({}),
});

export const accountsSchema = z.record(addressSchema, accountSchema);

/** The accounts of a record by address; the code of those in `missing` is not known. */
export function toAccounts(
  parsed: z.output<typeof accountsSchema>,
  missing: ReadonlySet<Address>,
): Map<Address, RecordedAccount> {
  const entries = Object.entries(parsed) as [Address, (typeof parsed)[Address]][];
  return new Map(
    entries.map(([address, { balance, nonce, code, codeHash, storage }]) => [
      address,
      {
        balance,
        nonce,
        code: missing.has(address) || isUnknown(code, codeHash) ? null : code,
        ...(codeHash === undefined ? {} : { codeHash }),
        storage: new Map(Object.entries(storage)) as Map<Hex, Hex>,
      },
    ]),
  );
}

// keccak-256 of nothing.
const emptyHash = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";

/** Whether an account has code, by its hash, that was not recorded. */
function isUnknown(code: Hex | null, codeHash: Hex | undefined): boolean {
  return code === "0x" && codeHash !== undefined && codeHash !== emptyHash && BigInt(codeHash) !== 0n;
}

/** The first thing that is wrong, with its place. */
export function firstIssue({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join(".") || "the file"}: ${issue?.message}`;
}
