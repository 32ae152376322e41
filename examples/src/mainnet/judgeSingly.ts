// Judges each replayable transaction of the recorded blocks by itself and for nobody in particular: with logs, state and
// call tree, and again with the call tree alone. Prints one JSON object.
// Usage: TESTUDO_DATA=<folder> node examples/dist/mainnet/judgeSingly.js [block number …]
import { basename } from "node:path";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openStateReader } from "@testudo/chain/state/readState";
import { parseFrame } from "@testudo/chain/wire/parseTrace";
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { type Hex, toLower } from "@testudo/core/model/Hex";
import { judgeTx, type TxJudgement } from "@testudo/core/pipeline/judgeTx";
import { readRecordedBlock, recordedBlockFiles } from "./recordedBlock.ts";
import { type ReplayedTransaction, replayBlock } from "./replayBlock.ts";
import { addReplay, emptyCounts } from "./replayCounts.ts";

const READ_TIMEOUT_MS = 60_000;

interface Count {
  [severity: string]: number;
}

let counts = emptyCounts();
const alerts: Record<"full" | "bare", Count> = { full: {}, bare: {} };
const told: string[] = [];

const wanted = new Set(process.argv.slice(2));
const isWanted = (file: string) => wanted.size === 0 || wanted.has(basename(file, ".json.gz"));
for (const file of recordedBlockFiles().filter(isWanted)) {
  const replay = await replayBlock(readRecordedBlock(file));
  const endpoint = openEndpoint(replay.rpcUrl, { timeoutMs: READ_TIMEOUT_MS });
  const ref = {
    number: BigInt(replay.block.number),
    hash: replay.block.hash,
    parentHash: replay.block.parentHash,
    timestamp: BigInt(replay.block.timestamp),
  };
  const reader = openStateReader([endpoint]);
  const answer: NonNullable<Parameters<typeof judgeTx>[1]>["answer"] = (reads) => reader.read(ref, reads);
  counts = addReplay(counts, replay.transactions);
  for (const one of replay.transactions) {
    if (one.status !== "judged") continue;
    const { trace, logs } = formsOf(one);
    note("full", one, await judgeTx({ trace, logs, hash: one.tx.hash, block: ref }, { answer }));
    note("bare", one, await judgeTx({ trace: withoutLogs(trace), hash: one.tx.hash }));
  }
  endpoint.close();
  await replay.close();
  process.stderr.write(`${basename(file)}: ${JSON.stringify(alerts)}\n`);
}
console.log(JSON.stringify({ ...counts, alerts, told }));

function formsOf({ trace, logs }: Extract<ReplayedTransaction, { status: "judged" }>) {
  return {
    trace: parseFrame(trace, { method: "debug_traceBlockByHash" }),
    logs: logs.map(({ address, topics, data }) => ({
      address: toLower(address),
      topics: topics.map(toLower) as Hex[],
      data: toLower(data),
    })),
  };
}

function note(form: "full" | "bare", { tx }: ReplayedTransaction, { detected, severity, findings }: TxJudgement): void {
  const key = severity ?? "none";
  alerts[form][key] = (alerts[form][key] ?? 0) + 1;
  const [worst] = findings;
  if (detected) told.push(`${form} ${severity} ${tx.hash} ${worst!.detector}: ${worst!.reason}`);
}

function withoutLogs(frame: CallFrame): CallFrame {
  return { ...frame, logs: [], calls: frame.calls.map(withoutLogs) };
}
