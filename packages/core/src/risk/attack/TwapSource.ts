import { assertCount, assertWithin } from "./AttackInputError.ts";
import type { Pool } from "./Pool.ts";
import type { Mean } from "./spotForMean.ts";

/** A price that is the average of a pool's spot prices at the ends of the last `blocks` blocks. */
export interface TwapSource {
  readonly kind: "twap";
  readonly id: string;
  readonly pool: Pool;
  readonly blocks: number;
  readonly mean: Mean;
  /** Where records are truncated: how far one may move in a block, natural logarithm. */
  readonly maxLogMove?: number;
}

/** Throws AttackInputError for a window or truncation out of range. */
export function assertTwapSource({ blocks, maxLogMove }: TwapSource): void {
  assertCount("blocks", blocks, 1, 100_000);
  if (maxLogMove !== undefined) assertWithin("maxLogMove", maxLogMove, Number.MIN_VALUE, 1_000);
}
