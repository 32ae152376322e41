import { z } from "zod";
import type { DetectContext } from "../../model/Detector.ts";

/** What a deployment may set of the impact-then-use detector. */
export interface ImpactThenUseParams {
  /** Least move of a spot price, as a share of it. */
  readonly minMove: number;
  /** Blocks after the move in which a use by the same actors counts; 0 = the same block only. */
  readonly blocks: number;
  /** Selectors that count as a use of the protected set; none = every call. */
  readonly uses: readonly string[];
  /** Pools whose price matters; none = every pool. */
  readonly pools: readonly string[];
}

/** Reads what a deployment sets. */
export const impactThenUseParams = z
  .object({
    minMove: z.number().positive(),
    blocks: z.number().int().min(0).max(100),
    uses: z.array(z.string().regex(/^0x[0-9a-f]{8}$/)),
    pools: z.array(z.string().regex(/^0x[0-9a-f]{40}$/)),
  })
  .strict();

/** What the impact-then-use detector is handed for one block. */
export type ImpactThenUseContext = DetectContext<ImpactThenUseParams>;
