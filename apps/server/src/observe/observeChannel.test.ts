import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { newThread } from "../deliver/Channel.ts";
import { startOutboxWorker } from "../deliver/outboxWorker.ts";
import { patient } from "../deliver/patient.testkit.ts";
import { openSlackBench, type SlackBench } from "../deliver/slack.testkit.ts";
import { applyCommits } from "../store/applyCommits.ts";
import { chainOf, finding, notice } from "../store/chain.testkit.ts";
import { readHead } from "../store/loadState.ts";
import { countOutbox } from "../store/outbox.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import { openMetrics } from "./Metrics.ts";
import { observeChannel } from "./observeChannel.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);
let bench: SlackBench;
beforeEach(async () => {
  bench = await openSlackBench({ hasButton: true });
});
afterEach(() => bench.close());

test("FIND-02: an observed channel answers into the thread that the outbox kept, and amends its first message", async () => {
  const store = await fixture.empty();
  const stop = new AbortController();
  const channel = observeChannel(openMetrics(), bench.channel);
  const worker = startOutboxWorker({ store, channels: [channel], signal: stop.signal });
  const alert = finding(7);
  for (const [index, transition] of (["raised", "acknowledged"] as const).entries()) {
    const notices = [notice(alert, transition)];
    await applyCommits(store, [chainOf(await readHead(store)).link({ notices })], [], [channel.name]);
    worker.wake();
    const sent = { pending: 0, dead: 0, sent: index + 1 };
    await vi.waitFor(async () => expect(await countOutbox(store)).toMatchObject(sent), patient);
  }
  stop.abort();
  await worker.done;
  await store.close();
  const [first, reply] = bench.messages;
  expect(bench.messages).toHaveLength(2);
  expect(reply!.thread_ts).toBe(first!.ts);
  expect(first!.text).toContain("CRITICAL acknowledged");
  expect(bench.service.asked.map(({ path }) => path)).toContain("/api/chat.update");
});

test("FIND-02: an observed channel looks first for what an attempt before may have posted", async () => {
  const channel = observeChannel(openMetrics(), bench.channel);
  const signal = AbortSignal.timeout(20_000);
  const alert = notice(finding(7));
  bench.breakNext("lost-answer");
  await expect(channel.deliver(alert, signal, newThread)).rejects.toThrow();
  await channel.deliver(alert, signal, { ...newThread, again: true });
  expect(bench.messages).toHaveLength(1);
});

test("behavior: what was sent and what failed is counted, what we broke off is not", async () => {
  const metrics = openMetrics();
  const channel = observeChannel(metrics, bench.channel);
  await channel.deliver(notice(finding(7)), AbortSignal.timeout(20_000), newThread);
  bench.refusal = "invalid_auth";
  await expect(channel.deliver(notice(finding(8)), AbortSignal.timeout(20_000), newThread)).rejects.toThrow();
  await expect(channel.deliver(notice(finding(9)), AbortSignal.abort(), newThread)).rejects.toThrow();
  const { values } = await metrics.notify.get();
  expect(values.map(({ labels, value }) => `${labels.result} ${value}`)).toEqual(["sent 1", "failed 1", "dead 0"]);
});
