import { z } from "zod";
import { addressSchema, hexSchema, wordSchema } from "../record/recordedSchema.ts";
import type { StateDiff } from "./prestateResult.ts";

const quantity = hexSchema.refine((hex) => hex.length > 2);
const accountSchema = z.object({
  balance: quantity.optional(),
  nonce: z.union([z.number().int().nonnegative(), quantity.transform(Number)]).optional(),
  code: hexSchema.optional(),
  storage: z.record(wordSchema, wordSchema).optional(),
});
const diffSchema = z.object({
  pre: z.record(addressSchema, accountSchema),
  post: z.record(addressSchema, accountSchema),
});

/** What a node's prestateTracer with `diffMode` answered; undefined where it is something else. */
export function parseStateDiff(value: unknown): StateDiff | undefined {
  const parsed = diffSchema.safeParse(value);
  return parsed.success ? (parsed.data as StateDiff) : undefined;
}
