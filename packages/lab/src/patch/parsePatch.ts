import { ruleKinds } from "@testudo/core/model/GuardRule";
import { z } from "zod";
import { transactionsSchema } from "../record/capsuleSchema.ts";
import { readPacked } from "../record/readPacked.ts";
import {
  addressSchema,
  firstIssue,
  hexSchema,
  quantitySchema,
  selectorSchema,
  wordSchema,
} from "../record/recordedSchema.ts";
import { type Invariant, type Patch, patchFormat } from "./Patch.ts";

/** Most bytes of a patch's file, packed or not: code and two layouts. */
export const patchFileMax = 16 * 1024 * 1024;
/** What the breaker allows at once, in seconds. */
export const ruleSecondsMax = 72 * 3_600;
const rulesMax = 32;

const nameSchema = z.string().max(200).default("patch");

// Strict, as all that a person writes: a misspelt bound would be one of 0.
const ruleSchema = z.strictObject({
  target: addressSchema,
  selector: selectorSchema,
  kind: z.enum(ruleKinds),
  argIndex: z.number().int().min(0).max(255).default(0),
  bound: quantitySchema.default(0n),
});

const rulesSchema = z
  .array(ruleSchema)
  .min(1)
  .max(rulesMax)
  .refine(
    (rules) => new Set(rules.map(({ target, selector }) => target + selector)).size === rules.length,
    "a selector has one guard rule at a time",
  );

const layoutSchema = z.object({
  storage: z
    .array(z.object({ label: z.string(), slot: z.string().regex(/^\d{1,78}$/), offset: z.number(), type: z.string() }))
    .max(10_000),
});

// Tuples nest; no ABI of a compiler nests deeper.
const inputSchema = (depth: number): z.ZodType<{ type: string; components?: unknown }> =>
  z.object({
    type: z.string().max(200),
    components: (depth === 0 ? z.never() : z.array(z.lazy(() => inputSchema(depth - 1)))).optional(),
  });
const abiSchema = z
  .array(
    z.object({
      type: z.string(),
      name: z.string().optional(),
      inputs: z.array(inputSchema(16)).optional(),
    }),
  )
  .max(10_000);

const common = { format: z.literal(patchFormat), name: nameSchema };

const patchSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    ...common,
    kind: z.literal("guardRule"),
    rules: rulesSchema,
    seconds: z.number().int().min(1).max(ruleSecondsMax),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("parameter"),
    steward: addressSchema,
    by: addressSchema,
    values: z
      .array(z.strictObject({ id: wordSchema, value: quantitySchema }))
      .min(1)
      .max(7),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("upgrade"),
    target: addressSchema,
    code: hexSchema.refine((code) => code.length > 2, "code has at least one byte"),
    layout: z.strictObject({ before: layoutSchema, after: layoutSchema }).optional(),
    abi: z.strictObject({ before: abiSchema, after: abiSchema }).optional(),
  }),
  z.strictObject({ ...common, kind: z.literal("transactions"), transactions: transactionsSchema }),
]);

const invariantsSchema = z
  .array(
    z
      .strictObject({
        name: nameSchema,
        to: addressSchema,
        input: hexSchema,
        atMost: quantitySchema.optional(),
        atLeast: quantitySchema.optional(),
      })
      .refine(({ atMost, atLeast }) => atMost !== undefined || atLeast !== undefined, "it bounds nothing"),
  )
  .max(100);

/** Reads a patch from a file's bytes. Throws `NotAPatch` for anything else. */
export function parsePatch(bytes: Uint8Array, label: string): Patch {
  const parsed = patchSchema.safeParse(readJson(bytes, label));
  if (!parsed.success) throw new NotAPatch(label, firstIssue(parsed.error));
  const { format, ...patch } = parsed.data;
  return patch as Patch;
}

/** Reads invariants, a JSON array. Throws `NotAPatch` for anything else. */
export function parseInvariants(bytes: Uint8Array, label: string): readonly Invariant[] {
  const parsed = invariantsSchema.safeParse(readJson(bytes, label));
  if (!parsed.success) throw new NotAPatch(label, firstIssue(parsed.error), "a JSON array of invariants");
  return parsed.data as readonly Invariant[];
}

function readJson(bytes: Uint8Array, label: string): unknown {
  if (bytes.length > patchFileMax) throw new NotAPatch(label, `it has ${bytes.length} bytes`);
  try {
    return readPacked(bytes, patchFileMax);
  } catch (cause) {
    throw new NotAPatch(label, `it is no JSON: ${cause instanceof Error ? cause.message : cause}`);
  }
}

/** A file is no patch. Not retryable. */
export class NotAPatch extends Error {
  override readonly name = "NotAPatch";
  constructor(label: string, what: string, wanted = `a JSON object with format "${patchFormat}"`) {
    super([`"${label}" is refused: ${what}.`, `- Allowed is ${wanted}.`, "- docs/patch.md tells the form."].join("\n"));
  }
}
