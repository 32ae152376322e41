// How many transactions of recorded mainnet blocks each engine executes in a second of the processor, call trees included:
// both in turns, each block opened anew. `TESTUDO_DATA=… node packages/lab/dist/capsule/replay.bench.js [ROUNDS]` prints one JSON object.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { OpenEvm } from "@testudo/core/model/Evm";
import { openEthereumjs } from "../engine/openEthereumjs.ts";
import { openEvm } from "../engine/openEvm.ts";
import { parseRecordedBlock, type RecordedBlock } from "../record/parseRecordedBlock.ts";
import { replayBlock } from "./replayBlock.ts";

const rounds = Number(process.argv[2] ?? 3);
const folder = join(process.env.TESTUDO_DATA ?? ".", "blocks");
// From Cancun's first block on.
const names = readdirSync(folder).filter((name) => name.endsWith(".json.gz") && name > "19426587");
const blocks = names.map((name) => parseRecordedBlock(readFileSync(join(folder, name)), name));

/** Transactions a second of the processor. */
async function rateOf(open: OpenEvm, block: RecordedBlock): Promise<number> {
  const start = process.cpuUsage();
  for await (const _ of replayBlock(block, open));
  const { user, system } = process.cpuUsage(start);
  return (1e6 * block.transactions.length) / (user + system);
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const rates: { readonly ours: number; readonly ethereumjs: number }[] = [];
for (let round = 0; round < rounds; round += 1)
  for (const block of blocks)
    rates.push({
      ours: await rateOf(openEvm, block),
      ethereumjs: await rateOf((source, at) => openEthereumjs(source, at), block),
    });
const ratios = rates.map(({ ours, ethereumjs }) => ours / ethereumjs);
const round = (value: number) => Math.round(value * 10) / 10;
console.log(
  JSON.stringify({
    blocks: blocks.length,
    rounds,
    perProcessorSecond: {
      ours: Math.round(median(rates.map((rate) => rate.ours))),
      ethereumjs: Math.round(median(rates.map((rate) => rate.ethereumjs))),
    },
    ratio: { least: round(Math.min(...ratios)), median: round(median(ratios)), most: round(Math.max(...ratios)) },
  }),
);
