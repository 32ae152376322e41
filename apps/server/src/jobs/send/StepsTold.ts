/** The steps of one sending that people were told. */
export interface StepsTold {
  /** Whether to tell `step` now. A node may have two of them follow each other at every look. */
  take(step: string): boolean;
}

const firstWaitMs = 1_000;
const longestWaitMs = 60_000;

/** Makes it. A step is told at once, and when it comes again; then after a second at least, and twice as long each time. */
export function makeStepsTold(): StepsTold {
  const times = new Map<string, { readonly dueAtMs: number; readonly waitMs: number }>();
  let last: string | undefined;
  return {
    take(step) {
      const now = performance.now();
      const before = times.get(step);
      if (step === last || (before !== undefined && now < before.dueAtMs)) return false;
      const waitMs = before === undefined ? 0 : Math.min(longestWaitMs, Math.max(firstWaitMs, before.waitMs * 2));
      times.set(step, { dueAtMs: now + waitMs, waitMs });
      last = step;
      return true;
    },
  };
}
