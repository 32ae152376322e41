// A transaction of a capsule in the words of JSON-RPC, and what a file of transactions may hold beside.
import { z } from "zod";
import type { CapsuleTransaction, ExpectedOutcome } from "./Capsule.ts";
import { callFrameSchema } from "./callFrameSchema.ts";
import { gasWhereLeftOut } from "./gasOf.ts";
import { nodeFields } from "./nodeFields.ts";
import { addressSchema, countSchema, hexSchema, quantitySchema, wordSchema } from "./recordedSchema.ts";
import { pricingFields, toPricing } from "./transactionSchema.ts";

/** Most gas of one transaction: twice what a block of mainnet has. Made to hurt, it takes the engine 20 s and a gigabyte. */
export const gasMax = 100_000_000n;

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

const fields = {
  hash: wordSchema.optional(),
  from: addressSchema,
  to: addressSchema.nullish(),
  value: quantitySchema.default(0n),
  input: hexSchema.optional(),
  /** The older name of `input`, which JSON-RPC still takes. */
  data: hexSchema.optional(),
  gas: quantitySchema.refine((n) => n <= gasMax, `a transaction has at most ${gasMax} gas`).optional(),
  nonce: countSchema.optional(),
  raw: hexSchema.optional(),
  // Null, as a node says it, while it waits.
  blockNumber: countSchema.nullish(),
  expected: expectedSchema.optional(),
  role: z.enum(["attack", "benign"]).optional(),
  impersonated: z.boolean().optional(),
  ...pricingFields,
};

type Given = z.output<z.ZodObject<typeof fields>>;

const isOneInput = ({ input, data }: Given): boolean => input === undefined || data === undefined || input === data;
const twoInputs = { path: ["data"], message: "it is another than input, and only one is run" };

export const capsuleTransactionSchema = z.object(fields).refine(isOneInput, twoInputs).transform(toTransaction);

/**
 * One transaction of a file that people write. A field that nobody knows is refused: a misspelt one would be a call without
 * its input, or with other gas.
 */
export const givenTransactionSchema = z
  .strictObject({ ...nodeFields, ...fields }, { error: tellUnknown })
  .refine(isOneInput, twoInputs)
  .transform(toTransaction);

function tellUnknown(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== "unrecognized_keys") return undefined;
  const names = issue.keys.map((key) => JSON.stringify(key.slice(0, 40))).slice(0, 5);
  return `a transaction has no ${names.join(" and no ")}`;
}

function toTransaction(tx: Given): CapsuleTransaction {
  const { hash, from, to, value, input, data, gas, nonce, type, raw, blockNumber, expected, role, impersonated } = tx;
  return {
    ...(hash === undefined ? {} : { hash }),
    from,
    to: to ?? null,
    value,
    input: input ?? data ?? "0x",
    ...(gas === undefined ? { gas: gasWhereLeftOut, isGasLeftOut: true } : { gas }),
    ...(nonce === undefined ? {} : { nonce }),
    ...(type === undefined ? {} : { type: Number(type) }),
    ...(raw === undefined ? {} : { raw }),
    ...(blockNumber == null ? {} : { blockNumber }),
    ...toPricing(tx),
    ...(expected === undefined ? {} : { expected }),
    ...(role === undefined ? {} : { role }),
    ...(impersonated === true ? { isImpersonated: true } : {}),
  };
}
