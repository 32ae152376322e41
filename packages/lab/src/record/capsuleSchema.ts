// The format `testudo-capsule/1` in the words of JSON-RPC, with the bounds that make a hostile file harmless.
import type { Hex } from "@testudo/core/model/Hex";
import { z } from "zod";
import { type CapsuleHeader, type CapsuleTransaction, capsuleFormat } from "./Capsule.ts";
import { capsuleTransactionSchema } from "./capsuleTransactionSchema.ts";
import {
  accountSchema,
  addressSchema,
  countSchema,
  quantitySchema,
  selectorSchema,
  wordSchema,
} from "./recordedSchema.ts";

/** Most transactions of one capsule, and most gas that all of them have together. */
export const transactionsMax = 1_000;
export const gasOfAllMax = 2_000_000_000n;

const textSchema = z.string().max(200);

const headerSchema = z
  .object({
    number: countSchema,
    timestamp: countSchema,
    baseFeePerGas: quantitySchema.default(0n),
    hash: wordSchema.optional(),
    gasLimit: countSchema.optional(),
    miner: addressSchema.optional(),
    mixHash: wordSchema.optional(),
    excessBlobGas: countSchema.optional(),
    difficulty: quantitySchema.optional(),
  })
  .transform(
    ({
      number,
      timestamp,
      baseFeePerGas,
      hash,
      gasLimit,
      miner,
      mixHash,
      excessBlobGas,
      difficulty,
    }): CapsuleHeader => ({
      number,
      timestamp,
      baseFeePerGas,
      ...(hash === undefined ? {} : { hash }),
      ...(gasLimit === undefined ? {} : { gasLimit }),
      ...(miner === undefined ? {} : { coinbase: miner }),
      ...(mixHash === undefined ? {} : { prevRandao: mixHash }),
      ...(excessBlobGas === undefined ? {} : { excessBlobGas }),
      ...(difficulty === undefined ? {} : { difficulty }),
    }),
  );

/** A list of what `one` reads, within the bounds of a capsule. */
export const transactionsOf = <T extends z.ZodType<CapsuleTransaction>>(one: T) =>
  z
    .array(one)
    .max(transactionsMax)
    .refine(
      (all) => all.reduce((sum, { gas }) => sum + gas, 0n) <= gasOfAllMax,
      // One that is wrong is none yet.
      { message: `they have at most ${gasOfAllMax} gas together`, when: ({ issues }) => issues.length === 0 },
    );

export const transactionsSchema = transactionsOf(capsuleTransactionSchema);

const blockHashesSchema = z
  .record(z.string().regex(/^\d{1,20}$/), wordSchema)
  .transform((hashes) => new Map(Object.entries(hashes).map(([number, hash]) => [BigInt(number), hash as Hex])));

export const capsuleSchema = z.object({
  format: z.literal(capsuleFormat),
  name: textSchema,
  chainId: z.number().int().positive(),
  chain: textSchema.optional(),
  hardfork: textSchema.optional(),
  block: headerSchema,
  accounts: z.record(addressSchema, accountSchema),
  headers: z.array(headerSchema).max(transactionsMax).optional(),
  blockHashes: blockHashesSchema.optional(),
  transactions: transactionsSchema.optional(),
  victim: addressSchema.optional(),
  exempt: z.array(selectorSchema).max(32).optional(),
  gaps: z.array(z.string().max(1_000)).max(10_000).optional(),
  source: z.record(textSchema, z.string().max(1_000)).optional(),
});
