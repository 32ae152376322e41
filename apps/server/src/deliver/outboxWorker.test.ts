import type { Notice } from "@testudo/core/model/Notice";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { applyCommits } from "../store/applyCommits.ts";
import { chainOf, finding, notice } from "../store/chain.testkit.ts";
import { readHead } from "../store/loadState.ts";
import { openStore } from "../store/openStore.ts";
import { countOutbox, listDead, requeueDead } from "../store/outbox.ts";
import type { Store } from "../store/Store.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import { verifyStore } from "../store/verifyStore.ts";
import { type Channel, DeliveryError } from "./Channel.ts";
import { type OutboxWorkerOptions, startOutboxWorker } from "./outboxWorker.ts";
import { patient } from "./patient.testkit.ts";
import { openReceiver, type Receiver, secretA } from "./receiver.testkit.ts";
import { webhookChannel } from "./webhookChannel.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);
let store: Store;
let stop: (() => Promise<void>) | undefined;
const receivers: Receiver[] = [];
beforeEach(async () => {
  store = await fixture.empty();
});
afterEach(async () => {
  await stop?.();
  stop = undefined;
  for (const receiver of receivers.splice(0)) await receiver.close();
  expect((await verifyStore(store)).fault).toBeUndefined();
  await store.close();
});

const receive = async (answer?: Parameters<typeof openReceiver>[1], port = 0) => {
  const receiver = await openReceiver(secretA, answer, port);
  receivers.push(receiver);
  return receiver;
};
const hook = (receiver: { url: string }, name = "hook", timeoutMs = 10_000) =>
  webhookChannel({ name, url: receiver.url, secrets: [secretA], timeoutMs });
const put = async (notices: Notice[], channels = ["hook"]) => {
  await applyCommits(store, [chainOf(await readHead(store)).link({ notices })], [], channels);
};
const start = (channels: Channel[], options: Partial<OutboxWorkerOptions> = {}) => {
  const controller = new AbortController();
  const worker = startOutboxWorker({
    store,
    channels,
    signal: controller.signal,
    baseDelayMs: 5,
    maxDelayMs: 20,
    ...options,
  });
  stop = async () => {
    controller.abort();
    await worker.done;
  };
  return worker;
};
const alerts = (count: number) => Array.from({ length: count }, (_, i) => notice(finding(i + 1)));
const settled = (count: Partial<Awaited<ReturnType<typeof countOutbox>>>) =>
  vi.waitFor(async () => expect(await countOutbox(store)).toMatchObject({ pending: 0, ...count }), {
    timeout: 120_000,
    interval: 20,
  });

test("DELIV-02: a receiver that was down gets everything once it is up", async () => {
  const down = await receive();
  const { url, port } = down;
  await down.close();
  await put(alerts(6));
  start([hook({ url })]);
  await vi.waitFor(async () => {
    const rows = await store.db.selectFrom("outbox").select(["attempts", "last_error"]).execute();
    expect(rows.every((row) => row.attempts >= 2 && row.last_error?.includes("ECONNREFUSED"))).toBe(true);
  }, patient);
  const up = await receive(undefined, port);
  await settled({ sent: 6 });
  expect([...up.accepted].sort()).toEqual(
    alerts(6)
      .map((n) => n.id)
      .sort(),
  );
  expect(up.requests.every((request) => request.signed)).toBe(true);
});

test("DELIV-02: 500s are tried again with the same id and the same bytes", async () => {
  const receiver = await receive((n) => (n < 3 ? 500 : 200));
  await put(alerts(1));
  start([hook(receiver)]);
  await settled({ sent: 1 });
  expect(receiver.requests).toHaveLength(4);
  expect(new Set(receiver.requests.map((request) => request.body)).size).toBe(1);
  expect(receiver.accepted).toEqual([alerts(1)[0]!.id]);
});

test("DELIV-02: delays grow exponentially with full jitter, up to the longest, and heed Retry-After", async () => {
  const deliver = vi.fn(async () => Promise.reject(new Error("no")));
  deliver.mockRejectedValueOnce(new DeliveryError("busy", { retryAfterMs: 60_000 }));
  let clock = 1_000_000;
  const timed: Store = { ...store, now: () => clock };
  await applyCommits(timed, [chainOf().link({ notices: alerts(1) })], [], ["hook"]);
  const delays: number[] = [];
  const worker = start([{ name: "hook", minSeverity: "info", deliver }], {
    store: timed,
    random: () => 0.5,
    baseDelayMs: 1_000,
    maxDelayMs: 10_000,
  });
  for (let attempt = 1; attempt <= 6; attempt++) {
    const row = await vi.waitFor(async () => {
      const { attempts, next_at } = await store.db
        .selectFrom("outbox")
        .select(["attempts", "next_at"])
        .executeTakeFirstOrThrow();
      expect(attempts).toBe(attempt);
      return next_at;
    }, patient);
    delays.push(row - clock);
    clock = row;
    worker.wake();
  }
  expect(delays).toEqual([60_000, 1_000, 2_000, 4_000, 5_000, 5_000]);
});

test("DELIV-02: a notice that is too old is dead, visible, reported once, and can be requeued", async () => {
  let status = 500;
  const receiver = await receive(() => status);
  await put(alerts(2));
  const onDead = vi.fn();
  start([hook(receiver)], { maxAgeMs: 50, onDead });
  await settled({ dead: 2 });
  expect(onDead.mock.calls.map(([row, error]) => [row.channel, error.includes("answered 500")])).toEqual([
    ["hook", true],
    ["hook", true],
  ]);
  expect((await listDead(store)).map((row) => row.lastError?.includes("answered 500"))).toEqual([true, true]);
  await stop?.();
  status = 200;
  expect(await requeueDead(store, "hook")).toBe(2);
  start([hook(receiver)]);
  await settled({ sent: 2, dead: 0 });
});

test("DELIV-02: a dead health notice is counted, and not reported again, or it would never end", async () => {
  const receiver = await receive(() => 500);
  await put([{ ...alerts(1)[0]!, topic: "health" }]);
  const [onDead, onBuried] = [vi.fn(), vi.fn()];
  start([hook(receiver)], { maxAgeMs: 0, onDead, onBuried });
  await settled({ dead: 1 });
  expect(onDead).not.toHaveBeenCalled();
  expect(onBuried.mock.calls.map(([, notices]) => notices)).toEqual([1]);
});

test("DELIV-02: 410 makes all that is pending on the channel dead without asking again", async () => {
  const receiver = await receive(() => 410);
  await put(alerts(5));
  start([hook(receiver)], { concurrency: 1 });
  await settled({ dead: 5 });
  expect(receiver.requests).toHaveLength(1);
});

test("FIND-02: a stop in the middle and a restart lose nothing, and a receiver that honours ids sees each once", async () => {
  // Every second request is taken by the receiver but its answer never comes.
  const receiver = await receive((n) => (n % 2 === 0 ? "silence" : 204));
  const folder = fixture.folder();
  store = await openStore(folder);
  await put(alerts(8));
  start([hook(receiver, "hook", 2_000)]);
  await vi.waitFor(() => expect(receiver.requests.length).toBeGreaterThanOrEqual(4), patient);
  await stop?.();
  await store.close();
  store = await openStore(folder);
  expect((await countOutbox(store)).pending).toBeGreaterThan(0);
  start([hook(receiver, "hook", 2_000)]);
  await settled({ sent: 8 });
  expect([...receiver.accepted].sort()).toEqual(
    alerts(8)
      .map((n) => n.id)
      .sort(),
  );
  expect(receiver.requests.length).toBeGreaterThan(8);
});

test("FIND-04: a retraction waits for its alert, and other threads do not wait for either", async () => {
  const [first, other] = [finding(1), finding(2)];
  const order: string[] = [];
  let fail = true;
  const deliver = async ({ record, transition }: Notice) => {
    if (record === first.id && transition === "raised" && fail) throw new Error("not yet");
    order.push(`${record === first.id ? "first" : "other"} ${transition}`);
    return undefined;
  };
  await put([notice(first), notice(first, "retracted"), notice(other)]);
  start([{ name: "hook", minSeverity: "info", deliver }]);
  await vi.waitFor(() => expect(order).toEqual(["other raised"]), patient);
  fail = false;
  await settled({ sent: 3 });
  expect(order).toEqual(["other raised", "first raised", "first retracted"]);
});

test("behavior: a channel gets what is severe enough for it, the rest is skipped", async () => {
  const got: string[] = [];
  const deliver = async (n: Notice) => {
    got.push(n.severity);
    return undefined;
  };
  await put([notice(finding(1), "raised", "low"), notice(finding(2), "raised", "high")]);
  start([{ name: "hook", minSeverity: "high", deliver }]);
  await settled({ sent: 1, skipped: 1 });
  expect(got).toEqual(["high"]);
});

test("behavior: a channel that hangs does not hold up another", async () => {
  const receiver = await receive();
  const hangs: Channel = {
    name: "slow",
    minSeverity: "info",
    deliver: (_, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  };
  await put(alerts(3), ["slow", "hook"]);
  start([hangs, hook(receiver)]);
  // What the receiver has accepted is not told to the store at that same moment.
  await vi.waitFor(async () => expect(await countOutbox(store)).toMatchObject({ pending: 3, sent: 3 }), patient);
  await stop?.();
  expect(receiver.accepted).toHaveLength(3);
  expect(await countOutbox(store)).toMatchObject({ pending: 3, sent: 3 });
});

/** A worker whose clock is set by `clock.ms`, and which looks at it when `worker.wake` is called. */
function startTimed(channel: Pick<Channel, "deliver"> & Partial<Channel>, options: Partial<OutboxWorkerOptions> = {}) {
  const clock = { ms: 1_000_000_000 };
  const timed: Store = { ...store, now: () => clock.ms };
  const worker = start([{ name: "hook", minSeverity: "info", ...channel }], { store: timed, ...options });
  return { clock, timed, worker };
}
const hourMs = 3_600_000;

test("DELIV-02: where the clock is set back by an hour, what waits to be tried again waits no longer than it would", async () => {
  const deliver = vi.fn(async () => undefined as undefined);
  deliver.mockRejectedValueOnce(new DeliveryError("busy", { retryAfterMs: 5_000, holds: "channel" }));
  const { clock, timed, worker } = startTimed({ deliver });
  await applyCommits(timed, [chainOf().link({ notices: alerts(1) })], [], ["hook"]);
  worker.wake();
  await vi.waitFor(
    async () => expect((await store.db.selectFrom("outbox").selectAll().execute())[0]!.attempts).toBe(1),
    patient,
  );
  clock.ms -= hourMs;
  worker.wake();
  // The rest of the channel is what it was told, and counts anew.
  await vi.waitFor(async () => {
    const [row] = await store.db.selectFrom("outbox").selectAll().execute();
    expect(row!.next_at).toBe(clock.ms);
  }, patient);
  expect(deliver).toHaveBeenCalledTimes(1);
  clock.ms += 5_000;
  worker.wake();
  await settled({ sent: 1 });
});

test("DELIV-02: where the clock was set back while nothing ran, what was put before goes at the start", async () => {
  const deliver = vi.fn(async () => undefined);
  const before: Store = { ...store, now: () => 1_000_000_000 + hourMs };
  await applyCommits(before, [chainOf().link({ notices: alerts(2) })], [], ["hook"]);
  startTimed({ deliver });
  await settled({ sent: 2 });
});

test("DELIV-03: where the clock is set back by an hour in a storm, what is held makes a digest within a minute", async () => {
  const deliver = vi.fn(async (_: Notice) => undefined);
  const { clock, timed, worker } = startTimed({ deliver, rules: { foldAfter: 1 } });
  const quiet = alerts(4).map((one) => ({ ...one, severity: "high" }) as Notice);
  await applyCommits(timed, [chainOf().link({ notices: quiet })], [], ["hook"]);
  worker.wake();
  await vi.waitFor(async () => expect((await countOutbox(store)).sent).toBe(1), patient);
  await new Promise((resolve) => setTimeout(resolve, 200));
  clock.ms -= hourMs;
  worker.wake();
  await new Promise((resolve) => setTimeout(resolve, 200));
  clock.ms += 60_000;
  worker.wake();
  await settled({ sent: 4 });
  expect(deliver.mock.calls.map(([{ transition }]) => transition)).toEqual(["raised", "digest"]);
});

test("behavior: notices that come while the worker sleeps are taken at the wake-up", async () => {
  const receiver = await receive();
  const worker = start([hook(receiver)]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await put(alerts(1));
  worker.wake();
  await settled({ sent: 1 });
});

test.each([
  ["a name with NUL", () => Promise.resolve({ root: "a\0b:c\ud800", said: "a\0b" }), "sent"],
  ["to rest for ever", () => Promise.resolve({ restMs: Number.POSITIVE_INFINITY }), "sent"],
  ["to come again after the end of time", refusing(Number.POSITIVE_INFINITY), "pending"],
  ["to come again in a number of no database", refusing(1e300), "pending"],
  ["to come again at no time", refusing(Number.NaN), "pending"],
] as const)("DELIV-02: a service that answers %s ends nothing but its own delivery", async (_, deliver, state) => {
  await put(alerts(1), ["odd", "hook"]);
  const good = await receive();
  const worker = start([{ name: "odd", minSeverity: "info", deliver } as Channel, hook(good)], {
    ...{ baseDelayMs: 60_000, maxDelayMs: 60_000, random: () => 0.9 },
  });
  let isBroken = false;
  worker.done.catch(() => {
    isBroken = true;
  });
  await vi.waitFor(async () => {
    const rows = await store.db.selectFrom("outbox").select(["channel", "state", "attempts", "next_at"]).execute();
    const odd = rows.find(({ channel }) => channel === "odd")!;
    expect([odd.state, odd.attempts]).toEqual([state, 1]);
    expect(odd.next_at).toBeLessThanOrEqual(store.now() + 86_400_000);
    expect(rows.find(({ channel }) => channel === "hook")!.state).toBe("sent");
  }, patient);
  expect(isBroken).toBe(false);
});

function refusing(retryAfterMs: number) {
  return () => Promise.reject(new DeliveryError("busy", { retryAfterMs, holds: "channel" }));
}
