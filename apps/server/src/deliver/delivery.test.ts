// What channels and the worker do together: threads that survive a crash, limits, rules, digests.
import type { Notice } from "@testudo/core/model/Notice";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { applyCommits } from "../store/applyCommits.ts";
import { chainOf, finding, notice } from "../store/chain.testkit.ts";
import { readHead } from "../store/loadState.ts";
import { countOutbox } from "../store/outbox.ts";
import type { Store } from "../store/Store.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import { verifyStore } from "../store/verifyStore.ts";
import { type Channel, DeliveryError, NoticeRefusedError, newThread, type Receipt, type Thread } from "./Channel.ts";
import { type OutboxWorkerOptions, startOutboxWorker } from "./outboxWorker.ts";
import { patient } from "./patient.testkit.ts";
import { openSlackBench } from "./slack.testkit.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);
let store: Store;
let clock = 0;
let stop: (() => Promise<void>) | undefined;
beforeEach(async () => {
  clock = 1_700_000_000_000;
  store = { ...(await fixture.empty()), now: () => clock };
});
afterEach(async () => {
  await stop?.();
  stop = undefined;
  expect((await verifyStore(store)).fault).toBeUndefined();
});

const put = async (notices: Notice[], channels = ["c"]) => {
  await applyCommits(store, [chainOf(await readHead(store)).link({ notices })], [], channels);
};
const start = (channels: readonly Channel[], options: Partial<OutboxWorkerOptions> = {}) => {
  const controller = new AbortController();
  const defaults = { store, channels, signal: controller.signal, baseDelayMs: 1, maxDelayMs: 1, random: () => 0 };
  const worker = startOutboxWorker({ ...defaults, ...options });
  stop = async () => {
    controller.abort();
    await worker.done;
  };
  return worker;
};
const settled = (count: object) =>
  vi.waitFor(async () => expect(await countOutbox(store)).toMatchObject(count), { timeout: 120_000, interval: 20 });
interface Got {
  readonly notice: Notice;
  readonly thread: Thread;
}
const recording = (
  more: Partial<Channel> = {},
  answer: (notice: Notice, thread: Thread) => Receipt | undefined = () => undefined,
) => {
  const got: Got[] = [];
  const channel: Channel = {
    name: "c",
    minSeverity: "info",
    deliver: async (n, _, thread = newThread) => {
      got.push({ notice: n, thread });
      return answer(n, thread);
    },
    ...more,
  };
  return { channel, got };
};
const low = (number: number, transition = "raised") => notice(finding(number), transition, "low");

test("FIND-04: what the service called a thread is kept with the delivery mark and given at the next notice of it", async () => {
  const { channel, got } = recording({}, (n, { root }) =>
    root === null ? { root: `T-${n.blockNumber}`, said: "ok" } : { said: "ok" },
  );
  await put([notice(finding(1)), notice(finding(2))]);
  start([channel]);
  await settled({ sent: 2 });
  await stop?.();
  await put([notice(finding(1), "retracted")]);
  start([channel]);
  await settled({ sent: 3 });
  expect(got.map(({ thread }) => thread)).toEqual([newThread, newThread, { root: "T-1", folded: false, again: false }]);
  const rows = await store.db.selectFrom("outbox").select(["receipt"]).execute();
  expect(rows.map(({ receipt }) => receipt)).toEqual(["ok", "ok", "ok"]);
});

test("FIND-02: an end between sending and storing makes no second message in Slack", async () => {
  const slack = await openSlackBench({ name: "c" });
  await put([notice(finding(1))]);
  // The message is posted, and the process ends before it hears so.
  slack.breakNext("lost-answer");
  start([slack.channel], { baseDelayMs: 3_600_000, random: () => 0.9 });
  await vi.waitFor(() => expect(slack.messages).toHaveLength(1), 30_000);
  await stop?.();
  clock += 86_000_000;
  start([slack.channel]);
  await settled({ sent: 1 });
  await put([notice(finding(1), "retracted")]);
  await stop?.();
  start([slack.channel]);
  await settled({ sent: 2 });
  expect(slack.threads().map((thread) => thread.length)).toEqual([2]);
  await slack.close();
});

test("DELIV-02: who is told to wait waits as a whole, and with a global limit all channels of the account", async () => {
  let holds: "channel" | "service" = "channel";
  const limited = vi.fn(async () => {
    throw new DeliveryError("busy", { retryAfterMs: 30_000, holds });
  });
  const a: Channel = { name: "a", minSeverity: "info", service: "s", deliver: limited };
  const { channel: b, got } = recording({ name: "b", service: "s" });
  await put([low(1), low(2), low(3)], ["a"]);
  const worker = start([a, b], { concurrency: 1 });
  await vi.waitFor(() => expect(limited).toHaveBeenCalledTimes(1), 30_000);
  await put([low(4)], ["b"]);
  worker.wake();
  await vi.waitFor(() => expect(got).toHaveLength(1), 30_000);
  expect(limited).toHaveBeenCalledTimes(1);
  holds = "service";
  clock += 30_000;
  worker.wake();
  await vi.waitFor(() => expect(limited).toHaveBeenCalledTimes(2), 30_000);
  await vi.waitFor(
    async () =>
      expect(
        (await store.db.selectFrom("outbox").select("attempts").where("channel", "=", "a").orderBy("id").execute())
          .map((r) => r.attempts)
          .reduce((x, y) => x + y),
      ).toBe(2),
    patient,
  );
  await put([low(5)], ["b"]);
  worker.wake();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(got).toHaveLength(1);
  clock += 30_000;
  worker.wake();
  await vi.waitFor(() => expect(got).toHaveLength(2), 30_000);
});

test("DELIV-02: a channel that needs a person says so once, tries on, and says it again after it was well", async () => {
  let isBroken = true;
  const onFailing = vi.fn();
  const { channel } = recording({}, () => {
    if (isBroken) throw new DeliveryError("invalid_auth", { needsPerson: true });
    return undefined;
  });
  await put([low(1)]);
  const worker = start([channel], { onFailing });
  await vi.waitFor(async () => {
    clock += 10;
    worker.wake();
    expect((await store.db.selectFrom("outbox").select("attempts").executeTakeFirstOrThrow()).attempts).toBeGreaterThan(
      3,
    );
  }, patient);
  expect(onFailing.mock.calls).toEqual([["c", "invalid_auth"]]);
  isBroken = false;
  clock += 10;
  worker.wake();
  await settled({ sent: 1 });
  isBroken = true;
  await put([low(2)]);
  worker.wake();
  await vi.waitFor(() => expect(onFailing).toHaveBeenCalledTimes(2), 30_000);
});

test("DELIV-02: a notice that is refused for good is dead at once and told, others go on", async () => {
  const onDead = vi.fn();
  const { channel } = recording({}, (n) => {
    if (n.blockNumber === 1n) throw new NoticeRefusedError("too long");
    return undefined;
  });
  await put([low(1), low(2)]);
  start([channel], { onDead });
  await settled({ sent: 1, dead: 1 });
  expect(onDead.mock.calls.map(([, error]) => error)).toEqual(["too long"]);
});

test("DELIV-03: rules skip what a channel does not want; a retraction of what it was told comes all the same", async () => {
  const { channel, got } = recording({ rules: { owners: ["risk"] } });
  const owned = (number: number, owner: string, transition = "raised"): Notice => ({
    ...low(number, transition),
    owner,
  });
  await put([owned(1, "risk"), owned(2, "ops"), owned(1, "risk", "retracted"), owned(2, "ops", "retracted")]);
  start([channel]);
  await settled({ sent: 2, skipped: 2 });
  expect(got.map(({ notice: n }) => `${n.blockNumber} ${n.transition}`)).toEqual(["1 raised", "1 retracted"]);
});

test("DELIV-03: a storm folds into one digest a minute; critical alerts and what was told before pass it", async () => {
  const { channel, got } = recording({ rules: { foldAfter: 3 } }, (n, { root }) =>
    root === null ? { root: n.id } : {},
  );
  await put(Array.from({ length: 40 }, (_, i) => low(i + 1)));
  const worker = start([channel]);
  await settled({ sent: 3, pending: 37 });
  await put([notice(finding(100)), low(1, "retracted"), low(30, "retracted")]);
  worker.wake();
  await settled({ sent: 5, pending: 38 });
  expect(
    got
      .slice(3)
      .map(({ notice: n }) => `${n.severity} ${n.blockNumber} ${n.transition}`)
      .sort(),
  ).toEqual(["critical 100 raised", "low 1 retracted"]);
  clock += 60_000;
  worker.wake();
  await settled({ sent: 43, pending: 0 });
  expect(got).toHaveLength(6);
  const { notice: digest } = got[5]!;
  expect(
    `${digest.transition}: ${digest.title}\n${digest.body.split("\n").slice(0, 2).join("\n")}`,
  ).toMatchInlineSnapshot(`
    "digest: 38 alerts within a minute: 38 low; first de92e794 outflow
    low raised de92e794 outflow: raised: Half of the vault left in one transaction.
    low raised 55bc7a00 outflow: raised: Half of the vault left in one transaction."
  `);
  // What becomes of an alert of the digest goes to the digest.
  await put([low(20, "retracted")]);
  clock += 60_000;
  worker.wake();
  await settled({ sent: 44 });
  expect(got[6]!.thread).toEqual({ root: digest.id, folded: true, again: false });
});

test("FIND-02: a digest that was not taken is tried again as the same one, also after a restart", async () => {
  let fail = true;
  const { channel, got } = recording({ rules: { foldAfter: 1 } }, (n) => {
    if (fail && n.transition === "digest") throw new Error("down");
    return undefined;
  });
  await put([low(1), low(2), low(3)]);
  let worker = start([channel]);
  await settled({ sent: 1 });
  clock += 60_000;
  worker.wake();
  await vi.waitFor(() => expect(got.some(({ notice: n }) => n.transition === "digest")).toBe(true), patient);
  await stop?.();
  fail = false;
  clock += 10;
  await put([low(4)]);
  worker = start([channel]);
  await settled({ sent: 4 });
  const digests = got.filter(({ notice: n }) => n.transition === "digest");
  expect(new Set(digests.map(({ notice: n }) => `${n.id} ${n.title}`)).size).toBe(1);
  expect(digests.at(-1)!.thread.again).toBe(true);
});

test("DELIV-03: an alert that is critical goes before a backlog that is not", async () => {
  const { channel, got } = recording();
  await put([low(1), low(2), low(3), low(4), notice(finding(5))]);
  start([channel], { concurrency: 1 });
  await settled({ sent: 5 });
  expect(got[0]!.notice.severity).toBe("critical");
});
