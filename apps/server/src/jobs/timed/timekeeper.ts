import { openBell } from "../../deliver/Bell.ts";

/** Does what is due, and tells when it wants to be called again (Unix milliseconds); undefined for when there is news. */
export type Task = () => Promise<number | undefined>;

/** Calls tasks when they are due. */
export interface Timekeeper {
  /** There may be news. */
  wake(): void;
  /** Resolves after the signal; rejects with what a task throws, since a watch whose timers stand still is ill. */
  readonly done: Promise<void>;
}

// Looks again now and then: the computer's clock may have been set.
const longestSleepMs = 60_000;

/** Starts calling `tasks`, each at once. `now` in Unix milliseconds. */
export function startTimekeeper(tasks: readonly Task[], now: () => number, signal: AbortSignal): Timekeeper {
  const bell = openBell();
  const run = async () => {
    while (!signal.aborted) {
      const next: number[] = [];
      for (const task of tasks) next.push((await task()) ?? Number.POSITIVE_INFINITY);
      if (!signal.aborted) await bell.wait(Math.min(Math.max(Math.min(...next) - now(), 1), longestSleepMs));
    }
  };
  signal.addEventListener("abort", bell.ring);
  return { wake: bell.ring, done: run().finally(() => signal.removeEventListener("abort", bell.ring)) };
}
