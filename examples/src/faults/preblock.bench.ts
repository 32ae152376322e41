// How long it takes to run a pending transaction and judge it, warm and cold, and how many a second one core takes (PRE-02).
// Not a test: `node examples/dist/faults/preblock.bench.js [RUNS]` prints one JSON object.
import { fetchBlock } from "@testudo/chain/fetchBundle";
import { parsePending } from "@testudo/chain/parsePending";
import type { Hex } from "@testudo/core/model/Hex";
import { openEthereumjs } from "@testudo/lab/openEthereumjs";
import { openPipelineJudge } from "testudo/backtest/pipelineJudge";
import { openHeadStates } from "testudo/preblock/openHeadState";
import { tryPending } from "testudo/preblock/tryPending";
import { chainId, openTill } from "./till.testkit.ts";
import { createProgram } from "./tillProgram.testkit.ts";

const runs = Number(process.argv[2] ?? 500);
const world = await openTill();
const number = await world.mine(3);
const { ref } = await fetchBlock(world.endpoint, BigInt(number), false);
const hash = await world.send(await world.theft(0n));
const seen = await world.endpoint.request("eth_getTransactionByHash", [hash as Hex]);
const tx = parsePending(seen, { method: "eth_getTransactionByHash" }, "bench")!;
const head = (await openHeadStates({ endpoints: [world.endpoint], openEvm: openEthereumjs, chainId })(ref))!;
const program = createProgram(world.params);

const times: { readonly run: number; readonly all: number }[] = [];
for (let i = 0; i < runs; i += 1) {
  const start = performance.now();
  const tried = await tryPending(head, tx, []);
  const ran = performance.now();
  await openPipelineJudge(program).judge(tried.input!.bundle, (_, reads) => tried.answer(reads));
  tried.undo();
  times.push({ run: ran - start, all: performance.now() - start });
}
const [cold, ...warm] = times;
const quantile = (of: (time: (typeof times)[number]) => number, q: number) => {
  const sorted = warm.map(of).sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]! * 100) / 100;
};
const total = warm.reduce((sum, { all }) => sum + all, 0);
console.log(
  JSON.stringify({
    runs,
    coldMs: Math.round(cold!.all),
    warmMs: { p50: quantile((t) => t.all, 0.5), p95: quantile((t) => t.all, 0.95) },
    engineMs: { p50: quantile((t) => t.run, 0.5), p95: quantile((t) => t.run, 0.95) },
    perSecond: Math.round((1_000 * warm.length) / total),
  }),
);
await world.close();
