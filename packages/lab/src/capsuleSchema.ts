// The format `testudo-capsule/1` in the words of JSON-RPC, with the bounds that make a hostile file harmless.
import type { Hex } from "@testudo/core/model/Hex";
import { z } from "zod";
import { type CapsuleHeader, type CapsuleTransaction, capsuleFormat, type ExpectedOutcome } from "./Capsule.ts";
import { callFrameSchema } from "./callFrameSchema.ts";
import {
  accountSchema,
  addressSchema,
  hexSchema,
  quantitySchema,
  selectorSchema,
  wordSchema,
} from "./recordedSchema.ts";
import { pricingFields, toPricing } from "./transactionSchema.ts";

/** Most gas of one transaction: twice what a block of mainnet has. Made to hurt, it takes the engine 20 s and a gigabyte. */
export const gasMax = 100_000_000n;
/** Most transactions of one capsule, and most gas that all of them have together. */
export const transactionsMax = 1_000;
export const gasOfAllMax = 2_000_000_000n;
// The most that any rules allow (EIP-7825).
const defaultGas = 1n << 24n;
const wordMax = 1n << 64n;

// Heights, times and nonces have 64 bits.
const countSchema = quantitySchema.refine((n) => n < wordMax, "it has at most 64 bits");
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

const logSchema = z.object({ address: addressSchema, topics: z.array(wordSchema).max(4), data: hexSchema });

const expectedSchema = z
  .object({
    status: quantitySchema.refine((n) => n <= 1n, "a status is 0x0 or 0x1"),
    gasUsed: quantitySchema,
    logs: z.array(logSchema),
    trace: callFrameSchema.optional(),
  })
  .transform(
    ({ status, gasUsed, logs, trace }): ExpectedOutcome => ({
      succeeded: status === 1n,
      gasUsed,
      logs,
      ...(trace === undefined ? {} : { trace }),
    }),
  );

const transactionSchema = z
  .object({
    hash: wordSchema.optional(),
    from: addressSchema,
    to: addressSchema.nullish(),
    value: quantitySchema.default(0n),
    input: hexSchema.default("0x"),
    gas: quantitySchema.refine((n) => n <= gasMax, `a transaction has at most ${gasMax} gas`).default(defaultGas),
    nonce: countSchema.optional(),
    raw: hexSchema.optional(),
    blockNumber: countSchema.optional(),
    expected: expectedSchema.optional(),
    role: z.enum(["attack", "benign"]).optional(),
    impersonated: z.boolean().optional(),
    ...pricingFields,
  })
  .transform((tx): CapsuleTransaction => {
    const { hash, from, to, value, input, gas, nonce, type, raw, blockNumber, expected, role, impersonated } = tx;
    return {
      ...(hash === undefined ? {} : { hash }),
      from,
      to: to ?? null,
      value,
      input,
      gas,
      ...(nonce === undefined ? {} : { nonce }),
      ...(type === undefined ? {} : { type: Number(type) }),
      ...(raw === undefined ? {} : { raw }),
      ...(blockNumber === undefined ? {} : { blockNumber }),
      ...toPricing(tx),
      ...(expected === undefined ? {} : { expected }),
      ...(role === undefined ? {} : { role }),
      ...(impersonated === true ? { isImpersonated: true } : {}),
    };
  });

export const transactionsSchema = z
  .array(transactionSchema)
  .max(transactionsMax)
  .refine(
    (all) => all.reduce((sum, { gas }) => sum + gas, 0n) <= gasOfAllMax,
    `they have at most ${gasOfAllMax} gas together`,
  );

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
