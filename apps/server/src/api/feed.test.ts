import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { chainOf } from "../store/chain.testkit.ts";
import { readFeed } from "../store/readFeed.ts";
import type { Store } from "../store/Store.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import type { FeedLimits } from "./Api.ts";
import { openBus } from "./Bus.ts";
import { call, type EventReader, readEvents } from "./call.testkit.ts";
import { type Served, serve } from "./served.testkit.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);
let store: Store;
let api: Served;
let chain: ReturnType<typeof chainOf>;
const readers: EventReader[] = [];
beforeEach(async () => {
  store = await fixture.open();
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
  await vi.waitFor(() => expect(api.bus.listeners).toBe(1));
  await api.commit(chain.block(2, 1));
  await vi.waitFor(() => expect(idsOf(reader)).toEqual([4, 5, 6]));
  expect(reader.blocks.map((block) => /^event: (.*)$/m.exec(block)?.[1])).toEqual([
    undefined,
    "Finding",
    "FindingStatus",
    "Notice",
  ]);
  const data = JSON.parse(/^data: (.*)$/m.exec(reader.blocks[1]!)![1]!);
  expect(data).toMatchObject({ kind: "Finding", blockNumber: "2000", evidence: { net: "12345678901234567890" } });
});

test("behavior: a reader that comes back with Last-Event-ID misses nothing and gets nothing twice", async () => {
  const first = await open();
  await api.commit(chain.block(1, 2));
  await vi.waitFor(() => expect(idsOf(first)).toHaveLength(6));
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
  await vi.waitFor(() => expect(reader.blocks.filter((block) => block === ": heartbeat").length).toBeGreaterThan(2));
});

test("behavior: a reader that leaves is forgotten", async () => {
  const reader = await open();
  await vi.waitFor(() => expect(api.bus.listeners).toBe(1));
  reader.close();
  await vi.waitFor(() => expect(api.bus.listeners).toBe(0));
});

test("error: a reader too slow for its bounded buffer is dropped with a word, and others are not", async () => {
  await limited({ bufferEntries: 50 });
  const [slow, fast] = [await open(), await open()];
  await vi.waitFor(() => expect([slow, fast].map((r) => r.blocks.length)).toEqual([1, 1]));
  await api.commit(chain.block(1, 1));
  await vi.waitFor(() =>
    expect([idsOf(slow), idsOf(fast)]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]),
  );
  slow.pause();
  let number = 2;
  // The sockets' own buffers take some megabytes first.
  while (api.bus.listeners === 2 && number < 3_000) {
    await api.commit(chain.block(number++, 15));
    await vi.waitFor(() => expect(idsOf(fast).length).toBe((number - 2) * 45 + 3));
    if (number % 20 === 0 && (await isDropped(slow))) break;
  }
  slow.resume();
  await slow.ended;
  expect(slow.blocks.at(-1)).toMatch(/^: dropped: more than 50 events wait for you/);
  const last = idsOf(slow).at(-1)!;
  const back = await open("/events", { "last-event-id": String(last) });
  const rest = (await readFeed(store, last, 100_000)).map((entry) => entry.seq);
  expect(rest.length).toBeGreaterThan(0);
  await vi.waitFor(() => expect(idsOf(back)).toEqual(rest), 10_000);
  expect(idsOf(fast).at(-1)).toBe(rest.at(-1));
});

/** Whether the server gave a paused reader up: it does not show from outside, so it is woken for a moment at the end only. */
async function isDropped(slow: EventReader): Promise<boolean> {
  return slow.blocks.some((block) => block.startsWith(": dropped"));
}

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
