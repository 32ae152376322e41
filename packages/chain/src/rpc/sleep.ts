import { setTimeout as delay } from "node:timers/promises";

/** Resolves after `ms`, or at once when `signal` is aborted. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, { ...(signal === undefined ? {} : { signal }), ref: true }).catch(() => {});
}
