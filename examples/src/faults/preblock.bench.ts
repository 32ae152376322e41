// How long it takes to run a pending transaction and judge it, warm and cold, how many a second one core takes (PRE-02), and
// how many calls a probe makes in its two seconds (PRE-05): our engine and @ethereumjs/vm in turns, and our engine on a thread of its
// own, as a watch has it. Of templates alone, over and
// over; and of a whole probe, with guided calls behind them, which are made on our engine whatever the templates ran on.
// Not a test: `node examples/dist/faults/preblock.bench.js [RUNS [PROBES]]` prints one JSON object.
import { fetchBlock } from "@testudo/chain/block/fetchBundle";
import { openNodeState } from "@testudo/chain/state/openNodeState";
import { parsePending } from "@testudo/chain/wire/parsePending";
import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import type { OpenEvm } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import { openEthereumjs } from "@testudo/lab/engine/openEthereumjs";
import { openEvm } from "@testudo/lab/engine/openEvm";
import { probeContract } from "@testudo/lab/probe/probeContract";
import { openPipelineJudge } from "testudo/backtest/pipelineJudge";
import { type HeadState, openHeadStates } from "testudo/preblock/openHeadState";
import { openPreblockThread } from "testudo/preblock/PreblockThread";
import { tellTried } from "testudo/preblock/tellTried";
import { tryPending } from "testudo/preblock/tryPending";
import { chainId, openTill, thiefAddress, tillHolds } from "./till.testkit.ts";
import { createProgram } from "./tillProgram.testkit.ts";

/** A transaction that ran. */
interface Tried {
  readonly bundle: BlockBundle;
  answer(reads: readonly StateRead[]): Promise<StateAnswer[]>;
  undo(): void;
}

interface Timed {
  tryOnce(): Promise<Tried>;
  /** Milliseconds of each run: in the engine, with the judgement, and of the processor for both, which other programs do not lengthen. */
  readonly times: { readonly run: number; readonly all: number; readonly cpu: number }[];
}

interface Measured extends Timed {
  readonly openEvm: OpenEvm;
  readonly head: HeadState;
  readonly probeCalls: number[];
  readonly whole: { readonly templates: number; readonly guided: number; readonly ms: number }[];
}

const runs = Number(process.argv[2] ?? 500);
const probes = Number(process.argv[3] ?? 5);
const turn = 50;
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
  const tryOnce = async (): Promise<Tried> => {
    const tried = await tryPending(head, tx, []);
    return { ...tried, bundle: tried.input!.bundle };
  };
  return { openEvm, head, tryOnce, times: [], probeCalls: [], whole: [] };
}

const thread = openPreblockThread({ endpoints: [world.endpoint], chainId, watched: [world.params.till] });

async function tryOnThread(): Promise<Tried> {
  const tried = await thread.tryOn(ref, tx, []);
  if (tried.kind !== "ran") throw new Error(JSON.stringify(tried));
  const { bundle } = tried.input;
  return {
    bundle,
    // What runs next takes it back.
    undo: () => undefined,
    async answer(reads) {
      const given = await thread.read(bundle.ref.hash, reads);
      if (given.kind !== "answers") throw new Error(given.why);
      return given.answers;
    },
  };
}

async function judgeOnce({ tryOnce, times }: Timed): Promise<void> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const tried = await tryOnce();
  const ran = performance.now();
  await openPipelineJudge(program).judge(tried.bundle, (_, reads) => tried.answer(reads));
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

const threadProbes: string[] = [];

/** The same as a watch has it done, with what the till names read first. */
async function probeOnThread(): Promise<void> {
  const creation = { contract: world.params.token, deployer: thiefAddress, tx: hash as Hex };
  const start = performance.now();
  const given = await thread.probe(ref, creation, [world.params.token]);
  if (given.kind !== "probed") throw new Error(JSON.stringify(given));
  threadProbes.push(`${Math.round(performance.now() - start)} ms: ${tellTried(given.probed.result)}`);
}

const span = (values: readonly number[]) => ({ least: Math.min(...values), most: Math.max(...values) });
const quantile = (values: readonly number[], q: number) => {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]! * 100) / 100;
};
const rateOf = (ms: readonly number[]) => Math.round((1_000 * ms.length) / ms.reduce((sum, one) => sum + one, 0));
const both = (values: readonly number[]) => ({ p50: quantile(values, 0.5), p95: quantile(values, 0.95) });

function timesOf({ times: [cold, ...warm] }: Timed) {
  const all = warm.map((time) => time.all);
  return {
    coldMs: Math.round(cold!.all),
    warmMs: both(all),
    engineMs: both(warm.map((time) => time.run)),
    perSecond: rateOf(all),
    perProcessorSecond: rateOf(warm.map((time) => time.cpu)),
  };
}

const probesOf = ({ probeCalls, whole }: Measured) => ({
  templateCallsInTwoSeconds: span(probeCalls),
  wholeProbe: {
    templates: span(whole.map((one) => one.templates)),
    guided: span(whole.map((one) => one.guided)),
    ms: span(whole.map((one) => one.ms)),
  },
});

const ours = await start(openEvm);
const peer = await start((source, block) => openEthereumjs(source, block));
const threaded: Timed = { tryOnce: tryOnThread, times: [] };
// In turns of many, as a pool that is full keeps it at work: after each pause a thread has to be woken.
for (let done = 0; done < runs; done += turn)
  for (const one of [ours, threaded, peer])
    for (let i = done; i < Math.min(runs, done + turn); i += 1) await judgeOnce(one);
for (let i = 0; i < probes; i += 1) for (const one of [ours, peer]) await probeOnce(one);
for (let i = 0; i < probes; i += 1) {
  for (const one of [ours, peer]) await probeWhole(one);
  await probeOnThread();
}
console.log(
  JSON.stringify({
    runs,
    ours: { ...timesOf(ours), ...probesOf(ours) },
    onThread: { ...timesOf(threaded), wholeProbe: threadProbes },
    ethereumjs: { ...timesOf(peer), ...probesOf(peer) },
  }),
);
await thread.close();
await world.close();
