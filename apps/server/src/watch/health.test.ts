import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openHealth } from "./health.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open() {
  const health = openHealth({
    ...{ dataDir: "", chainId: 1, quorum: 1, endpoints: [], detectors: [], head: undefined },
    loop: { latestMs: () => 0, close: () => {} },
  });
  health.setStream({ queued: () => 3, head: () => 7n, branches: () => [] });
  return health;
}

test("SELF-02: a watch stands still after a minute in which nothing of what waits was judged, whatever the clock is set to", () => {
  const health = open();
  vi.setSystemTime(Date.now() + 86_400_000);
  expect(health.stuck()).toBeUndefined();
  vi.setSystemTime(Date.now() - 2 * 86_400_000);
  vi.advanceTimersByTime(60_001);
  expect(health.stuck()).toBe("3 blocks wait, and nothing was judged for 60 s");
});
