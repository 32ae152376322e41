// What strangers show a watch, made to keep it busy: on a real chain whose blocks hold as much gas as some chains' do, through the whole watch, whose main thread is this one.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import type { Hex } from "@testudo/core/model/Hex";
import type { PendingVerdict } from "testudo/preblock/PendingVerdict";
import type { Probed } from "testudo/preblock/probeCreations";
import { hashMessage } from "viem/utils";
import { afterEach, expect, test } from "vitest";
import { readMetrics, sumOf } from "../observe/readMetrics.testkit.ts";
import { chainId, holdsOf, makeFolder, openTill, tillHolds, watchTill } from "./till.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const hostile = anvilAccount(7);
const thief = anvilAccount(8);
const blockGas = 1_000_000_000n;
const burner: Hex = `0x${"b9".repeat(20)}`;
const signers: Hex = `0x${"b8".repeat(20)}`;

async function openScene(followPool: boolean) {
  const folder = makeFolder();
  const world = await openTill();
  closers.push(folder.remove, world.close);
  const ask = (method: string, ...params: unknown[]) => world.endpoint.request(method, params);
  await ask("anvil_setBlockTimestampInterval", 60);
  await ask("evm_setBlockGasLimit", `0x${blockGas.toString(16)}`);
  // Hashes 64 KiB for ever.
  await ask("anvil_setCode", burner, "0x5b620100005f205f525f56");
  await ask("anvil_setCode", signers, await recoversForEver());
  const head = await world.mine(3);
  const verdicts: PendingVerdict[] = [];
  const probes: Probed[] = [];
  const preblock = {
    followPool,
    onVerdict: (verdict: PendingVerdict) => void verdicts.push(verdict),
    onProbed: (probed: Probed) => void probes.push(probed),
  };
  const watch = await watchTill(world, folder.path, { preblock });
  closers.push(watch.stop);
  await watch.until(() => watch.head() >= head);
  const headers = { "content-type": "application/json", authorization: `Bearer ${watch.watch.token}` };
  const post = async (raw: Hex): Promise<PendingVerdict> => {
    const body = JSON.stringify({ raw });
    const response = await fetch(`${watch.watch.url}/pending`, { method: "POST", headers, body });
    return (await response.json()) as PendingVerdict;
  };
  return { world, watch, verdicts, probes, post };
}

/** Code that asks for the signer of a message, and for that of what it is told, again and again. */
async function recoversForEver(): Promise<Hex> {
  const signature = await hostile.signMessage({ message: "busy" });
  const [r, s, v] = [0, 64, 128].map((at) => signature.slice(2 + at, 66 + at).padStart(64, "0"));
  const words = [hashMessage("busy").slice(2), v, r, s];
  const stores = words.map((word, i) => `7f${word}60${(32 * i).toString(16).padStart(2, "0")}52`).join("");
  const at = (stores.length / 2).toString(16).padStart(4, "0");
  // 3,000 gas a time; what comes back is the next hash, because an engine remembers what it was asked before.
  return `0x${stores}5b6020600060806000600060015af15061${at}56`;
}

const burns = (to: Hex, gas: bigint, by = hostile) =>
  by.signTransaction({
    ...{ type: "eip1559", chainId, nonce: 0, to, gas, data: "0x" },
    ...{ maxFeePerGas: 5_000_000_000n, maxPriorityFeePerGas: 1n },
  });

/** The longest that this thread was held up, and that a request for its health took, while `what` was under way; in ms. */
async function heldUpWhile<T>(url: string, what: Promise<T>) {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const isOver = what.then(
    () => true,
    () => true,
  );
  let answerMs = 0;
  let asked = 0;
  do {
    const start = performance.now();
    await (await fetch(`${url}/healthz`)).text();
    answerMs = Math.max(answerMs, performance.now() - start);
    asked += 1;
  } while (!(await Promise.race([isOver, new Promise<boolean>((resolve) => setTimeout(resolve, 20, false))])));
  delay.disable();
  return { result: await what, loopMs: delay.max / 1e6, answerMs, asked };
}

test("PRE-08: OBS-01: a pending transaction that burns 400 million gas keeps nobody waiting; the theft after it is predicted, and paused in time", async () => {
  const { world, watch, verdicts } = await openScene(true);
  const burning = await world.send(await burns(burner, 400_000_000n));
  const verdictOf = (hash: Hex) => verdicts.find((verdict) => verdict.hash === hash);
  const seen = watch.until(() => verdictOf(burning) !== undefined);
  const { loopMs, answerMs, asked } = await heldUpWhile(watch.watch.url, seen);
  expect(verdictOf(burning)).toMatchObject({
    outcome: "unavailable",
    severity: null,
    detail: "not predicted: it takes longer than 2000 ms.",
  });
  // It ran for two seconds, and longer where the machine is busy: on this thread, it would have held it up for as long.
  const { ms } = verdictOf(burning)!;
  expect(ms).toBeGreaterThan(2_000);
  expect(loopMs).toBeLessThan(0.5 * ms);
  expect(answerMs).toBeLessThan(0.5 * ms);
  expect(asked).toBeGreaterThan(5);
  await watch.until(() => watch.findings().includes("self-health raised"));
  const read = async (name: string, ...labels: string[]) => sumOf(await readMetrics(watch.watch.url), name, ...labels);
  expect(await read("testudo_not_predicted_total")).toBe(1);
  expect(await read("testudo_preblock_total", 'kind="transaction"', 'result="unavailable"')).toBe(1);
  expect(await read("testudo_preblock_seconds_sum", 'kind="transaction"')).toBeGreaterThan(2);
  const theft = await world.send(await world.theft(tillHolds / 2n));
  await watch.until(() => watch.states().includes("broadcast"));
  expect(await read("testudo_preblock_total", 'kind="transaction"', 'result="judged"')).toBeGreaterThan(0);
  expect(verdictOf(theft)).toMatchObject({ outcome: "judged", severity: "critical" });
  // Whoever shows such a thing pays nothing: it is never included. Where it waits on, it is not tried again.
  await world.endpoint.request("anvil_dropTransaction", [burning]);
  const number = await world.mine();
  await watch.until(() => watch.states().includes("active"));
  await watch.until(() => watch.head() >= number && watch.watch.pendingWaiting() === 0);
  expect(await world.pauses()).toHaveLength(1);
  expect(await holdsOf(world)).toBe(tillHolds);
  expect(verdicts.filter(({ hash }) => hash === burning)).toHaveLength(1);
});

test("PRE-08: 16 million gas of signatures to recover keep nobody waiting either, and the next is judged", async () => {
  const { world, watch, post } = await openScene(false);
  await post(await world.theft(0n));
  const { result, loopMs } = await heldUpWhile(watch.watch.url, post(await burns(signers, 16_000_000n)));
  // Two million of them take a second of the processor, and on a busy machine as long as the clock allows.
  expect(["refused", "unavailable"]).toContain(result.outcome);
  expect(result.detail).toMatch(/more than 2000000 gas on precompiled contracts|longer than 2000 ms/);
  expect(loopMs).toBeLessThan(Math.max(1_000, 0.5 * result.ms));
  const theft = await post(await world.theft(tillHolds / 2n));
  expect(theft).toMatchObject({ outcome: "judged", severity: "critical" });
  // Refused, it leaves the thread as it was.
  if (result.outcome === "refused") expect(theft.stateMisses).toBe(0);
});

test("PRE-08: a theft behind one of its sender's that takes too long is tried without it, and predicted", async () => {
  const { world, post } = await openScene(false);
  const [first, second] = [await burns(burner, 400_000_000n, thief), await world.theft(tillHolds / 2n, 1)];
  const both = await Promise.all([post(first), post(second)]);
  expect(both).toMatchObject([{ outcome: "unavailable" }, { outcome: "judged", severity: "critical" }]);
  // Shown before what comes first is judged, too.
  expect(await post(second)).toMatchObject({ outcome: "judged", severity: "critical" });
});
