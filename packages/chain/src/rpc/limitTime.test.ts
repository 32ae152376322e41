import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { collectGarbage } from "../testkit/collectGarbage.testkit.ts";
import { limitTime } from "./limitTime.ts";
import { sleep } from "./sleep.ts";

/** Rejects with the reason once `limit` is aborted, as a request does. */
const untilAborted = (limit: AbortSignal) =>
  new Promise<never>((_, reject) => {
    const end = () => reject(limit.reason);
    if (limit.aborted) end();
    else limit.addEventListener("abort", end);
  });

test("DELIV-02: the time is up however often garbage is collected meanwhile", async () => {
  const { signal } = new AbortController();
  const work = limitTime(300, signal, untilAborted).then(
    () => "an end",
    (error) => error.name,
  );
  for (let round = 0; round < 5; round += 1) {
    collectGarbage();
    await sleep(20);
  }
  expect(await work).toBe("TimeoutError");
});

test("behavior: it ends with the signal that was given, also with one that is aborted already", async () => {
  const stop = new AbortController();
  const work = limitTime(60_000, stop.signal, untilAborted);
  stop.abort(new Error("stopped"));
  await expect(work).rejects.toThrow("stopped");
  await expect(limitTime(60_000, stop.signal, untilAborted)).rejects.toThrow("stopped");
});

test("behavior: what is done leaves nothing behind on a signal that lives on", async () => {
  const { signal } = new AbortController();
  expect(await limitTime(60_000, signal, async () => 7)).toBe(7);
  await expect(limitTime(60_000, signal, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(getEventListeners(signal, "abort")).toEqual([]);
});
