/** How many blocks are asked for at once. Nodes and proxies bound their answers, and do not tell how (STREAM-10). */
export interface BatchSize {
  readonly blocks: number;
  /** Halves the size. False when it is one already: then the block itself is refused. */
  shrink(): boolean;
  /** Tells of a success; after ten the size grows by a quarter, up to where it began. */
  succeed(): void;
}

const SUCCESSES_TO_GROW = 10;

/** Makes a size that begins at `max`. */
export function makeBatchSize(max: number): BatchSize {
  let blocks = max;
  let successes = 0;
  return {
    get blocks() {
      return blocks;
    },
    shrink() {
      successes = 0;
      if (blocks <= 1) return false;
      blocks = Math.max(1, Math.floor(blocks / 2));
      return true;
    },
    succeed() {
      successes += 1;
      if (successes < SUCCESSES_TO_GROW || blocks >= max) return;
      successes = 0;
      blocks = Math.min(max, Math.ceil(blocks * 1.25));
    },
  };
}
