// How long it takes to run a pending transaction and judge it, warm and cold, how many a second one core takes (PRE-02), and
// how many calls a probe makes in its two seconds (PRE-05): our engine and @ethereumjs/vm in turns. Of templates alone, over and
// over; and of a whole probe, with guided calls behind them, which are made on our engine whatever the templates ran on.
// Not a test: `node examples/dist/faults/preblock.bench.js [RUNS]` prints one JSON object.
import { fetchBlock } from "@testudo/chain/fetchBundle";
import { openNodeState } from "@testudo/chain/openNodeState";
import { parsePending } from "@testudo/chain/parsePending";
import type { OpenEvm } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import { openEthereumjs } from "@testudo/lab/openEthereumjs";
import { openEvm } from "@testudo/lab/openEvm";
import { probeContract } from "@testudo/lab/probeContract";
import { openPipelineJudge } from "testudo/backtest/pipelineJudge";
import { type HeadState, openHeadStates } from "testudo/preblock/openHeadState";
import { tryPending } from "testudo/preblock/tryPending";
import { chainId, openTill, thiefAddress, tillHolds } from "./till.testkit.ts";
import { createProgram } from "./tillProgram.testkit.ts";

interface Measured {
  readonly openEvm: OpenEvm;
  readonly head: HeadState;
  /** Milliseconds of each run: in the engine, with the judgement, and of the processor for both, which other programs do not lengthen. */
  readonly times: { readonly run: number; readonly all: number; readonly cpu: number }[];
  readonly probeCalls: number[];
  readonly whole: { readonly templates: number; readonly guided: number; readonly ms: number }[];
}

const runs = Number(process.argv[2] ?? 500);
const probes = 5;
const probeMs = 2_000;
const world = await openTill();
const number = await world.mine(3);
const { ref } = await fetchBlock(world.endpoint, BigInt(number), false);
const hash = await world.send(await world.theft(0n));
const seen = await world.endpoint.request("eth_getTransactionByHash", [hash as Hex]);
const tx = parsePending(seen, { method: "eth_getTransactionByHash" }, "bench")!;
const program = createProgram(world.params);

async function start(openEvm: OpenEvm): Promise<Measured> {
  const head = (await openHeadStates({ endpoints: [world.endpoint], openEvm, chainId })(ref))!;
  return { openEvm, head, times: [], probeCalls: [], whole: [] };
}

async function judgeOnce({ head, times }: Measured): Promise<void> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const tried = await tryPending(head, tx, []);
  const ran = performance.now();
  await openPipelineJudge(program).judge(tried.input!.bundle, (_, reads) => tried.answer(reads));
  tried.undo();
  const { user, system } = process.cpuUsage(cpu);
  times.push({ run: ran - start, all: performance.now() - start, cpu: (user + system) / 1_000 });
}

/** Probes the honest token, and counts how many calls two seconds are enough for; it starts again where all were made. */
async function probeOnce({ openEvm, head, probeCalls }: Measured): Promise<void> {
  const state = openNodeState(world.endpoint, ref.hash);
  const evm = await openEvm(state, { ...head.block, baseFeePerGas: 0n });
  const start = performance.now();
  let calls = 0;
  while (performance.now() - start < probeMs) {
    const result = await probeContract({
      evm,
      chainId,
      contract: world.params.token,
      deployer: thiefAddress,
      protect: [world.params.till],
      amounts: [tillHolds / 2n],
      block: head.block,
      now: () => performance.now() - start,
      limits: { calls: Number.POSITIVE_INFINITY, guided: 0, ms: probeMs - (performance.now() - start) },
    });
    calls += result.calls;
  }
  probeCalls.push(calls);
}

/** Probes the honest token as a watch does, once, for two seconds. */
async function probeWhole({ openEvm, head, whole }: Measured): Promise<void> {
  const source = openNodeState(world.endpoint, ref.hash);
  const block = { ...head.block, baseFeePerGas: 0n };
  const result = await probeContract({
    evm: await openEvm(source, block),
    chainId,
    contract: world.params.token,
    deployer: thiefAddress,
    protect: [world.params.till],
    addresses: [world.params.token],
    amounts: [tillHolds / 2n, tillHolds, tillHolds / 10n],
    block,
    search: { source, block },
    now: () => performance.now(),
  });
  whole.push({ templates: result.calls, guided: result.guided?.calls ?? 0, ms: result.ms });
}

const span = (values: readonly number[]) => ({ least: Math.min(...values), most: Math.max(...values) });
const quantile = (values: readonly number[], q: number) => {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]! * 100) / 100;
};
const rateOf = (ms: readonly number[]) => Math.round((1_000 * ms.length) / ms.reduce((sum, one) => sum + one, 0));
const both = (values: readonly number[]) => ({ p50: quantile(values, 0.5), p95: quantile(values, 0.95) });

function figuresOf({ times: [cold, ...warm], probeCalls, whole }: Measured) {
  const all = warm.map((time) => time.all);
  return {
    coldMs: Math.round(cold!.all),
    warmMs: both(all),
    engineMs: both(warm.map((time) => time.run)),
    perSecond: rateOf(all),
    perProcessorSecond: rateOf(warm.map((time) => time.cpu)),
    templateCallsInTwoSeconds: span(probeCalls),
    wholeProbe: {
      templates: span(whole.map((one) => one.templates)),
      guided: span(whole.map((one) => one.guided)),
      ms: span(whole.map((one) => one.ms)),
    },
  };
}

const ours = await start(openEvm);
const peer = await start((source, block) => openEthereumjs(source, block));
for (let i = 0; i < runs; i += 1) for (const one of [ours, peer]) await judgeOnce(one);
for (let i = 0; i < probes; i += 1) for (const one of [ours, peer]) await probeOnce(one);
for (let i = 0; i < probes; i += 1) for (const one of [ours, peer]) await probeWhole(one);
console.log(JSON.stringify({ runs, ours: figuresOf(ours), ethereumjs: figuresOf(peer) }));
await world.close();
