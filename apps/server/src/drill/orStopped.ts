import { DrillStopped } from "./until.ts";

/**
 * What `work` gives, or DrillStopped as soon as `signal` fires. Whatever is still under way then is left alone: the chain
 * that it works on ends with the drill, and with it the work.
 */
export async function orStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new DrillStopped("it was stopped"));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([stopped, work]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
