/** How late this process' own timers come, in ms: what a request would have to wait for, too. */
export interface LoopDelay {
  latestMs(): number;
  close(): void;
}

const everyMs = 500;

export function openLoopDelay(): LoopDelay {
  let dueMs = performance.now() + everyMs;
  let latest = 0;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    latest = Math.max(0, nowMs - dueMs);
    dueMs = nowMs + everyMs;
  }, everyMs);
  timer.unref();
  return {
    // A timer that has not come yet may be later than the last one was.
    latestMs: () => Math.max(latest, performance.now() - dueMs),
    close: () => clearInterval(timer),
  };
}
