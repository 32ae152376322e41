// A machine's clock is set: by a person, by the first answer of a time server, by a virtual machine that goes on after hours. What is
// waited for or measured here may not depend on it.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeHeadClock } from "../heads/HeadClock.ts";
import { makeDispute } from "../nodes/Dispute.ts";
import { makePool } from "../nodes/EndpointPool.ts";
import { makeTroubleBook } from "../nodes/TroubleBook.ts";
import { RpcMalformed } from "../rpc/RpcError.ts";
import { openEndpoint } from "../rpc/rpcEndpoint.ts";
import { makeDoubt } from "../state/Doubt.ts";
import { makeChain } from "../testkit/fakeChain.testkit.ts";
import { makeCatchUp } from "./CatchUp.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const setClock = (byMs: number) => vi.setSystemTime(Date.now() + byMs);

beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }));
afterEach(() => void vi.useRealTimers());

function open() {
  const told: string[] = [];
  const troubles = makeTroubleBook(
    ({ trouble, endpoint = "all", freeze }) => void told.push(`${trouble} of ${endpoint}${freeze ? " (freeze)" : ""}`),
    () => false,
  );
  const endpoints = ["one", "two"].map((label) => openEndpoint("http://127.0.0.1:1", { label }));
  const pool = makePool({ endpoints, quorum: 2, troubles, maxBackoffMs: 5_000 });
  return { told, troubles, pool, one: pool.members[0]! };
}

test("SELF-01: a chain is silent for as long as no block came, whatever the clock is set to", () => {
  const clock = makeHeadClock();
  clock.see(7n, false, -1n);
  vi.advanceTimersByTime(40_000);
  setClock(-hourMs);
  expect(clock.silentMs()).toBe(40_000);
  setClock(hourMs + dayMs);
  expect(clock.silentMs()).toBe(40_000);
});

test("STREAM-14: a node that failed is asked again after its rest, also where the clock was set back meanwhile", () => {
  const { pool, one } = open();
  const [ref] = makeChain(3).blocks;
  pool.seeHead(one, ref!);
  for (let i = 0; i < 3; i++) pool.failed(one, new RpcMalformed("m", "f", "x", "y", "one"), "body");
  setClock(-hourMs);
  vi.advanceTimersByTime(5_000);
  expect(pool.candidates(0n)).toContain(one);
});

test("STREAM-05: a disagreement freezes once it has lasted for a block time, also where the clock was set back meanwhile", () => {
  const { told, troubles, pool } = open();
  const dispute = makeDispute({ troubles, blockTimeMs: () => 12_000 });
  const [here, there] = [makeChain(8), makeChain(8)].map((chain, i) => {
    if (i > 0) chain.reorg(4, 4);
    return { ref: chain.blocks[7]!, endpoints: [] };
  });
  dispute.open(7n, "Two blocks.", [here!, there!]);
  for (const member of pool.members) pool.outvoted(member, "Block 7 is another.");
  setClock(-hourMs);
  vi.advanceTimersByTime(12_001);
  expect(dispute.open(7n, "Two blocks.", [here!, there!])).toBe(true);
  pool.tellDisagreement(12_000);
  expect(told).toEqual([
    "endpoint-disagrees of all (freeze)",
    "endpoint-disagrees of one (freeze)",
    "endpoint-disagrees of two (freeze)",
  ]);
});

test("STREAM-05: a clock that is set ahead makes no disagreement of a reorg that is on its way", () => {
  const { told, pool, one } = open();
  pool.outvoted(one, "Block 7 is another at one.");
  setClock(dayMs);
  pool.tellDisagreement(12_000);
  expect(told).toEqual([]);
});

test("SELF-01: a watch that catches up has its minute, whatever the clock is set to", () => {
  const isExpected = makeCatchUp(1_800_000_000n - 120n);
  expect(isExpected(20n)).toBe(true);
  setClock(dayMs);
  expect(isExpected(20n)).toBe(true);
  setClock(-2 * dayMs);
  vi.advanceTimersByTime(60_001);
  expect(isExpected(20n)).toBe(false);
});

test("behavior: what a node refused is tried again after ten minutes, also where the clock was set back meanwhile", () => {
  const doubt = makeDoubt();
  const { one } = open();
  doubt.add(one.endpoint, true);
  setClock(-hourMs);
  vi.advanceTimersByTime(600_000);
  expect(doubt.has(one.endpoint)).toBe(false);
});
