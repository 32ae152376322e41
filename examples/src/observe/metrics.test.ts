// Every metric moves because the thing happened that it counts: on a real chain, through the whole watch.
import { serveChanged } from "@testudo/chain/testkit/faultyNode.testkit";
import { openReceiver, secretA } from "testudo/deliver/receiver.testkit";
import { webhookChannel } from "testudo/deliver/webhookChannel";
import { afterEach, expect, test } from "vitest";
import {
  makeFolder,
  openTill,
  type TillWatch,
  type TillWatchOptions,
  tillHolds,
  watchTill,
} from "../faults/till.testkit.ts";
import { readMetrics, sumOf } from "./readMetrics.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function play(optionsOf: (head: number) => TillWatchOptions = () => ({})) {
  const folder = makeFolder();
  const world = await openTill();
  closers.push(folder.remove, world.close);
  const head = await world.mine(3);
  const seen = await watchTill(world, folder.path, optionsOf(head));
  closers.push(seen.stop);
  await seen.until(() => seen.head() >= head);
  const read = async (name: string, ...labels: string[]) => sumOf(await readMetrics(seen.watch.url), name, ...labels);
  return { world, seen, head, read };
}

const untilAll = (seen: TillWatch, isSo: () => Promise<boolean>, mineMs?: number) =>
  seen.until(isSo, mineMs === undefined ? {} : { mineMs });

test("OBS-01: a theft, its pause and a reorg move the metrics of findings, actions, trials, notices and nodes", async () => {
  const receiver = await openReceiver(secretA);
  closers.push(receiver.close);
  const hook = webhookChannel({ name: "hook", url: receiver.url, secrets: [secretA] });
  const { world, seen, read } = await play(() => ({ channels: [hook] }));
  expect([await read("testudo_reorgs_total"), await read("testudo_notify_total", 'result="sent"')]).toEqual([0, 0]);
  await world.send(await world.theft(tillHolds / 2n));
  const robbed = await world.mine();
  await seen.until(() => seen.states().includes("active"), { mineMs: 200 });
  const raised = ['detector="invariant-till-solvent"', 'severity="critical"', 'status="raised"'];
  expect(await read("testudo_findings_total", ...raised)).toBe(1);
  expect(await read("testudo_head_to_finding_seconds_count")).toBeGreaterThan(0);
  expect(await read("testudo_head_to_finding_seconds_sum")).toBeGreaterThan(0);
  for (const result of ["proposed", "simulated", "broadcast", "active"])
    expect(await read("testudo_action_total", 'action="pause"', `result="${result}"`)).toBe(1);
  expect(await read("testudo_sim_duration_seconds_count")).toBe(1);
  expect(await read("testudo_sim_duration_seconds_sum")).toBeGreaterThan(0);
  const detector = 'detector="invariant-till-solvent"';
  expect(await read("testudo_detector_duration_seconds_count", detector)).toBeGreaterThan(3);
  expect(await read("testudo_detector_duration_seconds_sum", detector)).toBeGreaterThan(0);
  expect(await read("testudo_detector_errors_total", detector)).toBe(0);
  await untilAll(seen, async () => (await read("testudo_notify_total", 'channel="hook"', 'result="sent"')) > 2);
  const node = [`endpoint="${world.rpcUrl}"`, 'method="eth_getBlockByNumber"'];
  expect(await read("testudo_rpc_requests_total", ...node)).toBeGreaterThan(3);
  expect(await read("testudo_rpc_duration_seconds_count", ...node)).toBeGreaterThan(3);

  const depth = Number(await world.endpoint.request("eth_blockNumber")) - robbed + 1;
  await seen.until(() => seen.head() === robbed + depth - 1);
  await world.endpoint.request("anvil_reorg", [depth, []]);
  await untilAll(seen, async () => (await read("testudo_reorgs_total")) === 1, 200);
  expect([await read("testudo_reorg_depth_count"), await read("testudo_reorg_depth_sum")]).toEqual([1, depth]);
  expect(await read("testudo_findings_total", 'status="retracted"')).toBeGreaterThan(0);
  expect(await read("testudo_findings_total", 'detector="unknown"')).toBe(0);
});

test("OBS-01: a head that stands still is seen by when its last block was stored, though nothing is behind", async () => {
  const { world, seen, head, read } = await play();
  const stored = () => read("testudo_block_stored_timestamp");
  await seen.until(async () => (await read("testudo_block_lag")) === 0);
  const since = await stored();
  expect(Math.abs(since - Date.now() / 1_000)).toBeLessThan(60);
  // Two seconds a block here: what is shorter than four counts as four.
  expect(await read("testudo_block_time_seconds")).toBe(4);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect([await stored(), await read("testudo_block_lag")]).toEqual([since, 0]);
  await world.mine();
  await seen.until(() => seen.head() > head);
  expect(await stored()).toBeGreaterThanOrEqual(since + 0.5);
});

test("OBS-01: a detector that hangs moves errors, lag and queue; a dead channel its dead letters", async () => {
  const receiver = await openReceiver(secretA, () => 503);
  closers.push(receiver.close);
  const hook = webhookChannel({ name: "hook", url: receiver.url, secrets: [secretA] });
  const { world, seen, head, read } = await play((at) => ({
    ill: { how: "hangs", atBlock: at + 1 },
    detectorLimitMs: 1_500,
    channels: [hook],
    outbox: { baseDelayMs: 30, maxDelayMs: 60, maxAgeMs: 300 },
  }));
  await world.mine(8);
  await untilAll(seen, async () => (await read("testudo_queue_blocks")) > 0 && (await read("testudo_block_lag")) > 2);
  await seen.until(() => seen.head() >= head + 8);
  expect(await read("testudo_block_lag")).toBe(0);
  expect(await read("testudo_queue_blocks")).toBe(0);
  expect(await read("testudo_detector_errors_total", 'detector="ill"')).toBe(1);
  await untilAll(seen, async () => (await read("testudo_notify_dead_letters")) > 0);
  expect(await read("testudo_notify_total", 'channel="hook"', 'result="failed"')).toBeGreaterThan(0);
  expect(await read("testudo_notify_total", 'channel="hook"', 'result="sent"')).toBe(0);
});

test("OBS-01: nodes that disagree, refuse and give no traces move their metrics", async () => {
  const world = await openTill();
  const folder = makeFolder();
  closers.push(folder.remove, world.close);
  const state = { isLying: false };
  // Another hash at each height, and no call trees.
  const liar = await serveChanged(world.rpcUrl, (call, answer) => {
    if (call.method.startsWith("debug_") || call.method.startsWith("trace_"))
      return { jsonrpc: "2.0", id: answer.id, error: { code: -32601, message: "Method not found" } };
    const block = answer.result as { hash?: string } | null;
    if (!state.isLying || call.method !== "eth_getBlockByNumber" || !block?.hash) return answer;
    return { ...answer, result: { ...block, hash: `0x${"66".repeat(32)}` } };
  });
  const honest = await serveChanged(world.rpcUrl, (call, answer) =>
    call.method.startsWith("debug_") || call.method.startsWith("trace_")
      ? { jsonrpc: "2.0", id: answer.id, error: { code: -32601, message: "Method not found" } }
      : answer,
  );
  closers.push(liar.close, honest.close);
  const head = await world.mine(3);
  const seen = await watchTill(world, folder.path, { rpc: [honest.url, liar.url], quorum: 2 });
  closers.push(seen.stop);
  await seen.until(() => seen.head() >= head);
  const read = async (name: string, ...labels: string[]) => sumOf(await readMetrics(seen.watch.url), name, ...labels);
  expect(await read("testudo_scope_degraded", 'scope="T"')).toBe(0);
  await world.send(await world.theft(1n));
  await world.mine();
  await untilAll(seen, async () => (await read("testudo_scope_degraded", 'scope="T"')) === 1);
  expect(await read("testudo_scope_degraded", 'scope="L"')).toBe(0);
  expect(await read("testudo_rpc_errors_total", `endpoint="${honest.url}"`)).toBeGreaterThan(0);
  expect(await read("testudo_rpc_disagreements_total")).toBe(0);
  state.isLying = true;
  await world.mine(2);
  await untilAll(seen, async () => (await read("testudo_rpc_disagreements_total")) > 0);
  expect(await read("testudo_findings_total", 'detector="self-health"')).toBeGreaterThan(0);
});

test("OBS-01: blocks that no node traces move the metrics of executing them again, and a new contract those of probes", async () => {
  const world = await openTill();
  const folder = makeFolder();
  closers.push(folder.remove, world.close);
  const state = { isLying: false };
  const blind = await serveChanged(world.rpcUrl, (call, answer) => {
    if (call.method.startsWith("debug_") || call.method.startsWith("trace_"))
      return { jsonrpc: "2.0", id: answer.id, error: { code: -32601, message: "Method not found" } };
    // A balance that was another: the sender could not have paid.
    return state.isLying && call.method === "eth_getBalance" ? { ...answer, result: "0x1" } : answer;
  });
  closers.push(blind.close);
  const head = await world.mine(3);
  const preblock = { followPool: false, probeMs: 60_000 };
  const seen = await watchTill(world, folder.path, { rpc: [blind.url], reexecute: {}, preblock });
  closers.push(seen.stop);
  await seen.until(() => seen.head() >= head);
  const read = async (name: string, ...labels: string[]) => sumOf(await readMetrics(seen.watch.url), name, ...labels);
  const from = ((await world.endpoint.request("eth_accounts")) as string[])[6];
  const data = `${world.made.Thief!.bytecode}${world.params.till.slice(2).padStart(64, "0")}`;
  await world.endpoint.request("eth_sendTransaction", [{ from, data, gas: "0x100000" }]);
  await world.mine();
  await untilAll(seen, async () => (await read("testudo_reexecution_total", 'result="executed"')) > 0);
  expect(await read("testudo_reexecution_seconds_sum")).toBeGreaterThan(0);
  await untilAll(seen, async () => (await read("testudo_preblock_total", 'kind="probe"', 'result="harm"')) === 1);
  expect(await read("testudo_preblock_seconds_count", 'kind="probe"')).toBe(1);
  expect(await read("testudo_reexecution_total", 'result="otherwise"')).toBe(0);
  state.isLying = true;
  await world.endpoint.request("eth_sendTransaction", [{ from, to: from, gas: "0x10000" }]);
  await world.mine();
  await untilAll(seen, async () => (await read("testudo_reexecution_total", 'result="otherwise"')) > 0);
});
