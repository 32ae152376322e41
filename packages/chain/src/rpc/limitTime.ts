/**
 * What `work` comes to, under a signal that is aborted with `signal` and, as a TimeoutError, after `ms`. AbortSignal.any() with an
 * AbortSignal.timeout() in it is no such signal: Node 20 takes that timeout for garbage, and it never comes (nodejs/node#57736).
 */
export async function limitTime<T>(
  ms: number,
  signal: AbortSignal,
  work: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const stop = () => limit.abort(signal.reason);
  const late = () => limit.abort(new DOMException(`Not within ${ms} ms.`, "TimeoutError"));
  signal.addEventListener("abort", stop);
  const timer = setTimeout(late, ms);
  if (signal.aborted) stop();
  try {
    return await work(limit.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
