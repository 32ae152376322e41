import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { patient } from "../deliver/patient.testkit.ts";
import { chainOf } from "../store/chain.testkit.ts";
import { readFeed } from "../store/readFeed.ts";
import type { Store } from "../store/Store.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import type { FeedLimits } from "./Api.ts";
import { openBus } from "./Bus.ts";
import { call, type EventReader, readEvents } from "./call.testkit.ts";
import { feedStream } from "./feedStream.ts";
import { type Served, serve } from "./served.testkit.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);
let store: Store;
let api: Served;
let chain: ReturnType<typeof chainOf>;
const readers: EventReader[] = [];
beforeEach(async () => {
  store = await fixture.empty();
  api = await serve(store);
  chain = chainOf();
});
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close();
  await api.close();
  await store.close();
});

const open = async (path?: string, headers?: Record<string, string>, at = api) => {
  const reader = await readEvents(at.port, path, headers);
  readers.push(reader);
  return reader;
};
const idsOf = (reader: EventReader) =>
  reader.blocks.flatMap((block) => /^id: (\d+)$/m.exec(block)?.slice(1) ?? []).map(Number);
const limited = async (feed: Partial<FeedLimits>) => {
  await api.close();
  api = await serve(store, { feed });
};

test("behavior: a reader gets what comes from now on, record by record, in order", async () => {
  await api.commit(chain.block(1, 1));
  const reader = await open();
  await vi.waitFor(() => expect(api.bus.listeners).toBe(1), patient);
  await api.commit(chain.block(2, 1));
  await vi.waitFor(() => expect(idsOf(reader)).toEqual([4, 5, 6]), patient);
  expect(reader.blocks.map((block) => /^event: (.*)$/m.exec(block)?.[1])).toEqual([
    undefined,
    "Finding",
    "FindingStatus",
    "Notice",
  ]);
  const data = JSON.parse(/^data: (.*)$/m.exec(reader.blocks[1]!)![1]!);
  expect(data).toMatchObject({ kind: "Finding", blockNumber: "2000", evidence: { net: "12345678901234567890" } });
});

test("behavior: a reader that comes back with an id of another store is told what comes from now on", async () => {
  await api.commit(chain.block(1, 1));
  const back = await open("/events", { "last-event-id": "99999999" });
  await vi.waitFor(() => expect(api.bus.listeners).toBe(1), patient);
  await api.commit(chain.block(2, 1));
  await vi.waitFor(() => expect(idsOf(back)).toEqual([4, 5, 6]), patient);
});

test("behavior: a reader that comes back with Last-Event-ID misses nothing and gets nothing twice", async () => {
  const first = await open();
  await api.commit(chain.block(1, 2));
  await vi.waitFor(() => expect(idsOf(first)).toHaveLength(6), patient);
  first.close();
  await api.commit(chain.block(2, 150), chain.block(3, 150));
  const back = await open("/events", { "last-event-id": "4" });
  for (let number = 4; number < 10; number++) await api.commit(chain.block(number, 20));
  const all = (await readFeed(store, 4, 10_000)).map((entry) => entry.seq);
  await vi.waitFor(() => expect(idsOf(back)).toHaveLength(all.length), 10_000);
  expect(idsOf(back)).toEqual(all);
  const after = await open("/events?after=4");
  await vi.waitFor(() => expect(idsOf(after)).toEqual(all), 10_000);
});

test("behavior: commits while a reader catches up are given once and in order", async () => {
  await api.commit(chain.block(1, 200));
  const reading = open("/events?after=0");
  for (let number = 2; number < 12; number++) await api.commit(chain.block(number, 3));
  const reader = await reading;
  await api.commit(chain.block(12, 3));
  const all = (await readFeed(store, 0, 10_000)).map((entry) => entry.seq);
  await vi.waitFor(() => expect(idsOf(reader)).toEqual(all), 10_000);
});

test("behavior: a silent feed says that it lives", async () => {
  await limited({ heartbeatMs: 20 });
  const reader = await open();
  await vi.waitFor(
    () => expect(reader.blocks.filter((block) => block === ": heartbeat").length).toBeGreaterThan(2),
    patient,
  );
});

test("behavior: a reader that leaves is forgotten", async () => {
  const reader = await open();
  await vi.waitFor(() => expect(api.bus.listeners).toBe(1), patient);
  reader.close();
  await vi.waitFor(() => expect(api.bus.listeners).toBe(0), patient);
});

test("behavior: a reader that asks for the head alone, or leaves before the feed begins, is forgotten", async () => {
  await limited({ readers: 2 });
  for (let i = 0; i < 3; i++) expect((await call(api.port, "/events", { method: "HEAD" })).status).toBe(200);
  await vi.waitFor(() => expect(api.bus.listeners).toBe(0), patient);
  const limits = { heartbeatMs: 60_000, bufferEntries: 10, stallMs: 60_000, graceMs: 1_000, readers: 1 };
  const onClose = vi.fn();
  feedStream({ store, bus: api.bus, limits, cutOff: () => {}, whenGone: (end) => end(), onClose }, 0);
  expect([onClose.mock.calls.length, api.bus.listeners]).toEqual([1, 0]);
});

test("behavior: what does not fit a reader's bounded buffer comes from the store, in order and once", async () => {
  const limits = { heartbeatMs: 60_000, bufferEntries: 10, stallMs: 60_000, graceMs: 1_000, readers: 1 };
  const onClose = vi.fn();
  const stream = feedStream(
    { store, bus: api.bus, limits, cutOff: () => {}, whenGone: () => {}, onClose },
    0,
  ).getReader();
  const next = async () => new TextDecoder().decode((await stream.read()).value);
  await api.commit(chain.block(1, 1));
  let text = await next();
  for (let i = 0; i < 3; i++) text += await next();
  for (let number = 2; number < 40; number++) await api.commit(chain.block(number, 3));
  const all = (await readFeed(store, 0, 10_000)).map((entry) => entry.seq);
  while (!text.includes(`id: ${all.at(-1)}\n`)) text += await next();
  expect([...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))).toEqual(all);
  await stream.cancel();
  expect([onClose.mock.calls.length, api.bus.listeners]).toEqual([1, 0]);
});

test("error: a reader that takes nothing is dropped with a word", async () => {
  const limits = { heartbeatMs: 10, bufferEntries: 10, stallMs: 30, graceMs: 20, readers: 1 };
  const [onClose, cutOff] = [vi.fn(), vi.fn()];
  const stream = feedStream({ store, bus: api.bus, limits, cutOff, whenGone: () => {}, onClose }, 0);
  await vi.waitFor(() => expect(cutOff).toHaveBeenCalledOnce(), patient);
  const text = await new Response(stream).text();
  expect(text).toMatch(/^: dropped: you took nothing for 30 ms/);
  expect([onClose.mock.calls.length, api.bus.listeners]).toEqual([1, 0]);
});

test("error: the connection of a reader that stays away is broken, and others go on", async () => {
  await limited({ heartbeatMs: 20, stallMs: 2_000, graceMs: 50 });
  const [slow, fast] = [await open(), await open()];
  await vi.waitFor(
    () => expect([slow, fast].map((r) => r.blocks.some((b) => b.startsWith(": heart")))).toEqual([true, true]),
    patient,
  );
  slow.pause();
  // More than the sockets of both sides hold.
  const body = JSON.stringify({ kind: "Remark", text: "x".repeat(1_000_000) });
  for (let seq = 1; seq <= 20; seq++) api.bus.publish([{ seq, kind: "Remark", body }]);
  await vi.waitFor(() => expect(idsOf(fast)).toHaveLength(20), 10_000);
  await vi.waitFor(() => expect(api.bus.listeners).toBe(1), 10_000);
});

test("error: too many readers and a wrong id are refused", async () => {
  await limited({ readers: 1 });
  await open();
  expect((await call(api.port, "/events")).json.error.code).toBe("readers");
  expect((await call(api.port, "/events", { headers: { "last-event-id": "x" } })).json.error.code).toBe(
    "last-event-id",
  );
});

test("behavior: a listener that fails keeps no other from hearing", () => {
  const errors: unknown[] = [];
  const bus = openBus<number>((error) => errors.push(error));
  const heard: number[] = [];
  const stop = bus.subscribe(() => {
    throw new Error("deaf");
  });
  bus.subscribe((n) => heard.push(n));
  bus.publish(1);
  stop();
  bus.publish(2);
  expect([heard, errors.length, bus.listeners]).toEqual([[1, 2], 1, 1]);
});
