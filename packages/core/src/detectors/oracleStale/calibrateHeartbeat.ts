/**
 * The heartbeat to set for a feed that was updated at `times` (Unix seconds, in order): 1.2 times its longest gap, rounded
 * up. Undefined for fewer than 20 gaps, of which the longest says little.
 */
export function calibrateHeartbeat(times: readonly number[]): number | undefined {
  return heartbeatOf(times.slice(1).map((at, i) => at - times[i]!));
}

/** The same from the gaps in seconds. */
export function heartbeatOf(gaps: readonly number[]): number | undefined {
  // 12 / 10, since 1.2 as a float lies above it and would round one second up.
  return gaps.length < 20 ? undefined : Math.ceil((Math.max(...gaps) * 12) / 10);
}
