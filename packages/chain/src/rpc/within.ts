import { sleep } from "./sleep.ts";

/** What `answer` comes to within `ms`; undefined where it is late. What comes of it later is nobody's. Rejects as it does in time. */
export async function within<T>(ms: number, answer: Promise<T>): Promise<T | undefined> {
  const stop = new AbortController();
  answer.catch(() => {});
  try {
    return await Promise.race([answer, sleep(Math.max(0, ms), stop.signal).then(() => undefined)]);
  } finally {
    stop.abort();
  }
}
