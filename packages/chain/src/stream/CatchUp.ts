/** A consumer further behind than this is told to lag. */
export const MOST_BEHIND = 5n;

// A new start, an update or a reboot of the machine.
const AWAY_MS = 5 * 60_000;
// As long as the alert rule on the metric waits.
const CATCHING_MS = 60_000;

/**
 * A function that says of a watch that is `behind` blocks, more than it may be, whether that is for its absence alone: it was away for
 * minutes at most since the block of `stoppedAt` (Unix seconds; undefined for a first start), has had a minute at most to catch up, and has
 * not fallen back meanwhile by as much as tells a lag. To be asked at each look, for what is over once is over.
 */
export function makeCatchUp(stoppedAt: bigint | undefined): (behind: bigint) => boolean {
  let isOver = stoppedAt === undefined || Date.now() - Number(stoppedAt) * 1_000 > AWAY_MS;
  let first: { readonly atMs: number; readonly behind: bigint } | undefined;
  return (behind) => {
    first ??= { atMs: performance.now(), behind };
    const isLost = behind > first.behind + MOST_BEHIND || performance.now() - first.atMs > CATCHING_MS;
    isOver ||= isLost || behind <= MOST_BEHIND;
    return !isOver;
  };
}
