/** The point at `now` of a line from `from` at `start` to `to` at `end` (seconds), rounded towards `from`. */
export function rampDown(from: bigint, to: bigint, start: bigint, end: bigint, now: bigint): bigint {
  // Division of bigints rounds towards zero, so a falling part is rounded towards `from` as well.
  return now >= end ? to : from + ((to - from) * (now - start)) / (end - start);
}
