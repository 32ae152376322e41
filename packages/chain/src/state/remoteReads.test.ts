import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Hex } from "@testudo/core/model/Hex";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchBlock } from "../block/fetchBundle.ts";
import { type Anvil, startAnvil } from "../fork/startAnvil.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import { sleep } from "../rpc/sleep.ts";
import { openStateReader } from "./readState.ts";
import { remoteReads } from "./remoteReads.ts";

let anvils: Anvil[];
let [here, there]: Endpoint[] = [];
let ref: BlockRef;
const holder: Hex = `0x${"11".repeat(20)}`;
// Answers its own number of the block: NUMBER PUSH0 MSTORE PUSH1 32 PUSH0 RETURN.
const code: Hex = "0x435f5260205ff3";

beforeAll(async () => {
  anvils = await Promise.all([startAnvil({ chainId: 1 }), startAnvil({ chainId: 10 })]);
  [here, there] = anvils.map(({ url }, i) => openEndpoint(url, { label: `chain ${i}` }));
  await there!.request("anvil_setCode", [holder, code]);
  await there!.request("anvil_mine", ["0x7"]);
  ref = (await fetchBlock(here!, 0n, false)).ref;
});
afterAll(async () => {
  here?.close();
  there?.close();
  await Promise.all((anvils ?? []).map((anvil) => anvil.stop()));
});

const remote = (chainId: number): StateRead => ({ kind: "remote", at: "block", chainId, to: holder, data: "0x" });
const local: StateRead = { kind: "balance", at: "block", address: holder };
const zero = { ok: true, value: `0x${"0".repeat(64)}` };

test("TRIAL-03: the other chain is read at its newest block, which is named; a later question has a later answer", async () => {
  const reader = remoteReads(openStateReader([here!]), new Map([[10, [there!]]]));
  const [first, own] = await reader.read(ref, [remote(10), local]);
  const newest = (await fetchBlock(there!, 7n, false)).ref;
  expect([first, own]).toEqual([{ ok: true, value: `0x${7n.toString(16).padStart(64, "0")}`, ref: newest }, zero]);
  await there!.request("anvil_mine", ["0x1"]);
  expect(await reader.read(ref, [remote(10)])).toMatchObject([{ ok: true, ref: { number: 8n } }]);
});

const late = { ok: false, error: "unavailable: the other chain took too long" };

/** Chain 10, whose node hangs over `method` as long as `isHanging` says so. */
function hangingOver(method: string, isHanging: () => boolean): Endpoint {
  return {
    ...there!,
    batch: (calls, bounds) =>
      isHanging() && calls.some((call) => call.method === method) ? new Promise(() => {}) : there!.batch(calls, bounds),
  };
}

/** What a read took, in ms. */
async function timed(read: () => Promise<readonly StateAnswer[]>) {
  const startedMs = performance.now();
  const answers = await read();
  return { answers, ms: performance.now() - startedMs };
}

test("TRIAL-03: a chain that nobody named, is away or too slow is an answer that is not ok, and the rest is answered", async () => {
  const away = openEndpoint("http://127.0.0.1:9", { label: "away" });
  const nodes = new Map([
    [10, [away]],
    [11, [hangingOver("eth_chainId", () => true)]],
  ]);
  const reader = remoteReads(openStateReader([here!]), nodes, { limitMs: 500 });
  const answers = await reader.read(ref, [remote(10), local, remote(11), remote(12)]);
  away.close();
  expect(answers).toEqual([
    { ok: false, error: expect.stringMatching(/^unavailable: /) },
    zero,
    late,
    { ok: false, error: "unsupported: no node of chain 12 is named" },
  ]);
});

test.each(["eth_chainId", "eth_call"])(
  "TRIAL-03: a node that hangs over %s makes one block late, is named, and is read again once it answers",
  async (method) => {
    const told: StreamTrouble[] = [];
    let isHanging = true;
    const nodes = new Map([[10, [hangingOver(method, () => isHanging)]]]);
    const bounds = { limitMs: 300, restMs: 600, tell: (trouble: StreamTrouble) => void told.push(trouble) };
    const reader = remoteReads(openStateReader([here!]), nodes, bounds);
    const read = () => timed(() => reader.read(ref, [remote(10), local]));
    expect((await read()).answers).toEqual([late, zero]);
    const untilMs = performance.now() + 2_000;
    const taken: number[] = [];
    // Over more than one rest: to try it again is nobody's time.
    while (performance.now() < untilMs) {
      const { answers, ms } = await read();
      expect(answers).toEqual([{ ok: false, error: "unavailable: no node of chain 10 answers" }, zero]);
      taken.push(ms);
      await sleep(50);
    }
    expect(Math.max(...taken)).toBeLessThan(250);
    expect(told).toEqual([
      {
        ...{ kind: "trouble", trouble: "remote-unread", endpoint: "chain 10, chain 1" },
        message:
          "Of chain 10 (`remotes`) the node chain 1 cannot be read: the other chain took too long. Blocks here are judged without it meanwhile.",
      },
    ]);
    isHanging = false;
    await expect.poll(async () => (await read()).answers[0]?.ok, { timeout: 5_000 }).toBe(true);
    expect(told.slice(1)).toMatchObject([
      { trouble: "recovered", over: "remote-unread", endpoint: "chain 10, chain 1" },
    ]);
  },
);

test("TRIAL-03: where one node of the other chain hangs, the second answers from the next block on", async () => {
  const nodes = new Map([[10, [hangingOver("eth_call", () => true), there!]]]);
  const reader = remoteReads(openStateReader([here!]), nodes, { limitMs: 300 });
  expect(await reader.read(ref, [remote(10)])).toEqual([late]);
  expect(await reader.read(ref, [remote(10)])).toMatchObject([{ ok: true }]);
});

test("TRIAL-03: where one node of the other chain takes its time to refuse, the second answers from the next block on", async () => {
  const refusing: Endpoint = {
    ...there!,
    async batch() {
      await sleep(200);
      throw new Error("limit exceeded");
    },
  };
  const reader = remoteReads(openStateReader([here!]), new Map([[10, [refusing, there!]]]), { limitMs: 300 });
  expect(await reader.read(ref, [remote(10)])).toEqual([{ ok: false, error: "unavailable: limit exceeded" }]);
  expect(await reader.read(ref, [remote(10)])).toMatchObject([{ ok: true }]);
});

test("TRIAL-03: a node that fails is told once it has failed for as long as a rest", async () => {
  const told: StreamTrouble[] = [];
  const away = openEndpoint("http://127.0.0.1:9", { label: "away" });
  const tell = (trouble: StreamTrouble) => void told.push(trouble);
  const reader = remoteReads(openStateReader([here!]), new Map([[10, [away]]]), { restMs: 400, tell });
  await reader.read(ref, [remote(10)]);
  expect(told).toEqual([]);
  await sleep(450);
  await reader.read(ref, [remote(10)]);
  await reader.read(ref, [remote(10)]);
  away.close();
  expect(told).toMatchObject([{ trouble: "remote-unread", endpoint: "chain 10, away" }]);
});

test("TRIAL-03: of a node of another chain nothing is believed, and it is named", async () => {
  const told: StreamTrouble[] = [];
  const tell = (trouble: StreamTrouble) => void told.push(trouble);
  const reader = remoteReads(openStateReader([here!]), new Map([[11, [there!]]]), { tell });
  expect(await reader.read(ref, [remote(11)])).toEqual([{ ok: false, error: "unavailable: it is of chain 10" }]);
  expect(told).toMatchObject([{ trouble: "remote-unread", message: expect.stringContaining("it is of chain 10") }]);
});

/** Chain 10, whose node names `block` as the newest as long as that is anything. */
function standingAt(label: string, block: () => unknown): Endpoint {
  return {
    ...there!,
    label,
    batch: async (calls, bounds) => {
      const answers = await there!.batch(calls, bounds);
      const at = calls.findIndex(({ method, params }) => method === "eth_getBlockByNumber" && params[0] === "latest");
      const result = block();
      return result === undefined ? answers : answers.map((answer, i) => (i === at ? { ok: true, result } : answer));
    },
  };
}

test("TRIAL-03: a node of the other chain that stands still while another goes on is not what is now, and is named", async () => {
  const told: StreamTrouble[] = [];
  const old = await there!.request("eth_getBlockByNumber", ["latest", false]);
  const oldNumber = BigInt((old as { number: Hex }).number);
  let isStuck = true;
  const stuck = standingAt("stuck", () => (isStuck ? old : undefined));
  const bounds = { stillMs: 300, restMs: 300, tell: (trouble: StreamTrouble) => void told.push(trouble) };
  const reader = remoteReads(openStateReader([here!]), new Map([[10, [stuck, there!]]]), bounds);
  const numberRead = async () => {
    const [answer] = await reader.read(ref, [remote(10)]);
    return answer?.ok ? answer.ref?.number : undefined;
  };
  expect(await numberRead()).toBe(oldNumber);
  await there!.request("anvil_mine", ["0x3"]);
  await expect.poll(numberRead, { timeout: 3_000 }).toBe(oldNumber + 3n);
  const until = performance.now() + 1_200;
  // Over several rests: what it stands at is not read again meanwhile.
  while (performance.now() < until) {
    expect(await numberRead()).toBe(oldNumber + 3n);
    await sleep(50);
  }
  expect(told).toMatchObject([{ trouble: "remote-unread", endpoint: "chain 10, stuck" }]);
  expect(told[0]!.message).toContain(`it stands at block ${oldNumber}, and chain 1 has ${oldNumber + 3n}`);
  isStuck = false;
  await there!.request("anvil_mine", ["0x1"]);
  await expect.poll(async () => (await numberRead()) && told.length, { timeout: 3_000 }).toBe(2);
  expect(told[1]).toMatchObject({ trouble: "recovered", over: "remote-unread", endpoint: "chain 10, stuck" });
});

test("TRIAL-03: where all nodes of the other chain stand still it is read on, and nobody is named", async () => {
  const told: StreamTrouble[] = [];
  const other: Endpoint = { ...there!, label: "other" };
  const bounds = { stillMs: 100, tell: (trouble: StreamTrouble) => void told.push(trouble) };
  const reader = remoteReads(openStateReader([here!]), new Map([[10, [there!, other]]]), bounds);
  for (let i = 0; i < 6; i += 1) {
    expect(await reader.read(ref, [remote(10)])).toMatchObject([{ ok: true }]);
    await sleep(60);
  }
  expect(told).toEqual([]);
});
