import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { afterEach, expect, test, vi } from "vitest";
import { patient } from "../deliver/patient.testkit.ts";
import { openReceiver, secretA } from "../deliver/receiver.testkit.ts";
import { sendHeartbeats } from "./sendHeartbeats.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function beat(url: string, state: { stuck?: string } = {}, onTaken = () => {}) {
  const stop = new AbortController();
  const told: StreamTrouble[] = [];
  const taken: number[] = [];
  const done = sendHeartbeats({
    settings: { url, secrets: [secretA], everySeconds: 0.05 },
    state: () => ({ body: { chainId: 1, head: "7" }, ...state }),
    tell: (trouble) => void told.push(trouble),
    onTaken(atMs) {
      taken.push(atMs);
      onTaken();
    },
    signal: stop.signal,
  });
  closers.push(async () => {
    stop.abort();
    await done;
  });
  return { told, taken, state };
}

test("SELF-02: heartbeats are signed, say where the watch stands, and come again and again", async () => {
  const receiver = await openReceiver(secretA);
  closers.push(receiver.close);
  const { taken, told } = beat(receiver.url);
  await expect.poll(() => taken.length, patient).toBeGreaterThan(2);
  expect(receiver.requests.every(({ signed }) => signed)).toBe(true);
  expect(new Set(receiver.accepted).size).toBeGreaterThan(2);
  expect(JSON.parse(receiver.requests[0]!.body)).toMatchObject({
    type: "testudo.heartbeat.v1",
    data: { chainId: 1, head: "7" },
  });
  expect(told).toEqual([]);
});

test("SELF-02: a receiver that takes none is told once, without its secret path, and its return too", async () => {
  let status = 500;
  const receiver = await openReceiver(secretA, () => status);
  closers.push(receiver.close);
  const { told, taken } = beat(receiver.url);
  await expect.poll(() => receiver.requests.length, patient).toBeGreaterThan(5);
  expect(told.map(({ trouble, message }) => [trouble, message])).toEqual([
    ["heartbeat-missed", `The heartbeat was not taken: http://127.0.0.1:${receiver.port}/hook answered 500.`],
  ]);
  status = 204;
  await expect.poll(() => taken.length, patient).toBeGreaterThan(0);
  expect(told.map(({ trouble }) => trouble)).toEqual(["heartbeat-missed", "recovered"]);
});

test("SELF-02: a watch that stands still sends none, so that the receiver pages", async () => {
  const receiver = await openReceiver(secretA);
  closers.push(receiver.close);
  const { told, state } = beat(receiver.url, { stuck: "12 blocks wait" });
  await expect
    .poll(() => told.map(({ message }) => message), patient)
    .toEqual(["The heartbeat was not taken: 12 blocks wait"]);
  expect(receiver.requests).toEqual([]);
  delete state.stuck;
  await expect.poll(() => receiver.requests.length, patient).toBeGreaterThan(0);
});

test("SELF-02: heartbeats go on where the clock is set back by an hour, so that the receiver does not page", async () => {
  const receiver = await openReceiver(secretA);
  vi.useFakeTimers({ toFake: ["Date"], shouldAdvanceTime: true });
  closers.push(receiver.close, () => vi.useRealTimers());
  let isSet = false;
  // While a heartbeat is under way: its place in time is reckoned from its beginning.
  const { taken } = beat(receiver.url, {}, () => {
    if (!isSet) vi.setSystemTime(Date.now() - 3_600_000);
    isSet = true;
  });
  await expect.poll(() => taken.length, patient).toBeGreaterThan(2);
});
