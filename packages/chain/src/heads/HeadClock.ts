/**
 * When a quorum of the endpoints came to a height, for what one of them claims may be any number: the edge's clock, for how
 * old a block is and how long the chain has been silent.
 */
export interface HeadClock {
  /** The highest block that a quorum has reached; -1 before the first. */
  readonly best: bigint;
  /**
   * Notes a height. `isKnown`: the block has been given already. `given`: the last that was; what was claimed above it and is not
   * kept is forgotten. True when it is higher than all before.
   */
  see(number: bigint, isKnown: boolean, given: bigint): boolean;
  /** When block `number`, or one above it, was first reached, in ms; now when that is not known. Forgets it. */
  takeSeenAt(number: bigint): number;
  /** For how long no higher block has come, in ms. */
  silentMs(): number;
}

/** Starts a clock. Blocks up to `known` are no news: a node that stands below it is silent, however it moves. */
export function makeHeadClock(known = -1n): HeadClock {
  let best = known;
  // What has passed, whatever the machine's clock is set to; when a block was seen is told by that clock.
  let bestAtMs = performance.now();
  let seen: { readonly number: bigint; readonly atMs: number }[] = [];
  return {
    get best() {
      return best;
    },
    see(number, isKnown, given) {
      if (number < best) {
        best = number > given ? number : given;
        seen = seen.filter((entry) => entry.number <= best);
      }
      if (!isKnown && !seen.some((entry) => entry.number >= number)) seen.push({ number, atMs: Date.now() });
      if (number <= best) return false;
      best = number;
      bestAtMs = performance.now();
      return true;
    },
    takeSeenAt(number) {
      const atMs = seen.find((entry) => entry.number >= number)?.atMs ?? Date.now();
      seen = seen.filter((entry) => entry.number > number);
      return atMs;
    },
    silentMs: () => performance.now() - bestAtMs,
  };
}
