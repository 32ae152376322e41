import { z } from "zod";
import { type Reading, readingSchema } from "../../model/Reading.ts";

/** How the price is taken out of the ratio: a fixed weight, or the slope of earlier changes of the ratio over the price's. */
export type Beta = number | "rolling";

/** An account, or the whole system, whose collateral and debt are followed. */
export interface WatchedPosition {
  readonly name: string;
  readonly subject: string;
  readonly collateral: Reading;
  readonly debt: Reading;
  /** Price that explains moves of the ratio, with its weight `beta`. */
  readonly price?: Reading | undefined;
  readonly beta: Beta;
}

/** What is usual, and what is beyond it. */
export interface JumpLimits {
  /** Residuals beyond this many scaled MADs are told. */
  readonly k: number;
  readonly minSamples: number;
  /** Least scaled MAD, so that a ratio that hardly moved does not page on a first trade: k times it is the least jump. */
  readonly minMad: number;
  /** Residuals kept, one a block. */
  readonly maxSamples: number;
}

export interface CollateralJumpParams extends JumpLimits {
  readonly positions: readonly WatchedPosition[];
}

export interface AdapterJumpParams extends JumpLimits {
  readonly maxAccounts: number;
}

export const limitShape = {
  k: z.number().positive(),
  minSamples: z.number().int().min(3),
  minMad: z.number().positive(),
  maxSamples: z.number().int().min(10).max(4_096),
};

export const defaultLimits: JumpLimits = { k: 8, minSamples: 20, minMad: 0.0025, maxSamples: 512 };

export const positionSchema = z
  .object({
    name: z.string().min(1),
    subject: z.string().regex(/^0x[0-9a-f]{40}$/),
    collateral: readingSchema,
    debt: readingSchema,
    price: readingSchema.optional(),
    beta: z.union([z.number(), z.literal("rolling")]).default(1),
  })
  .strict();
