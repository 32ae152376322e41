import { fetchBundle } from "@testudo/chain/block/fetchBundle";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openStateReader } from "@testudo/chain/state/readState";
import { parseFrame } from "@testudo/chain/wire/parseTrace";
import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import type { Finding } from "@testudo/core/model/Finding";
import type { RecordedBlock } from "../mainnet/recordedBlock.ts";
import { type BlockReplay, type ReplayProgress, replayBlock } from "../mainnet/replayBlock.ts";
import { addReplay, emptyCounts, type ReplayCounts } from "../mainnet/replayCounts.ts";
import { judgeBundle, openWatch } from "./judgeBundle.ts";
import { type Unit, unitsOf } from "./unitsOf.ts";

const READ_TIMEOUT_MS = 60_000;

/** A recorded mainnet block, judged once for every contract that could have been the protected one. */
export interface JudgedBlock {
  readonly number: bigint;
  readonly counts: ReplayCounts;
  readonly units: readonly Unit[];
  /** Findings of all watchers; `subject` says whose. */
  readonly findings: readonly Finding[];
}

/**
 * Replays `recorded` and judges the block that its replayable transactions make, once for each contract that one of them
 * touches (`unitsOf`), each time with a new watcher that protects this contract alone and has seen no block before.
 * Needs `TESTUDO_DATA`.
 */
export async function judgeRecordedBlock(recorded: RecordedBlock, progress?: ReplayProgress): Promise<JudgedBlock> {
  const replay = await replayBlock(recorded, progress);
  const endpoint = openEndpoint(replay.rpcUrl, { timeoutMs: READ_TIMEOUT_MS });
  try {
    return await judgeReplay(recorded, replay, endpoint);
  } finally {
    endpoint.close();
    await replay.close();
  }
}

/** Judges a block that stands replayed behind `endpoint`. */
export async function judgeReplay(
  recorded: RecordedBlock,
  replay: Pick<BlockReplay, "block" | "transactions">,
  endpoint: Endpoint,
): Promise<JudgedBlock> {
  const bundle = await bundleOf(replay, endpoint);
  const isMissing = new Set<string>(recorded.missingCode);
  const units = unitsOf(bundle, (a) => isMissing.has(a) || (recorded.preState[a]?.code ?? "0x") !== "0x");
  const reader = openStateReader([endpoint]);
  const findings: Finding[] = [];
  for (const subject of new Set(units.map((unit) => unit.subject)))
    findings.push(...(await judgeBundle(openWatch(1, [subject]), bundle, reader)));
  return { number: bundle.ref.number, counts: addReplay(emptyCounts(), replay.transactions), units, findings };
}

/**
 * The bundle of the judged transactions alone, numbered anew: what was put in to take a nonce is left out. The call
 * trees are those of the replay, because tracing the block again takes anvil as long as replaying it.
 */
export async function bundleOf(
  replay: Pick<BlockReplay, "block" | "transactions">,
  endpoint: Endpoint,
): Promise<BlockBundle> {
  const whole = await fetchBundle(endpoint, replay.block.hash, ["X", "L"]);
  const traceOf = new Map(replay.transactions.flatMap((t) => (t.status === "judged" ? [[t.tx.hash, t.trace]] : [])));
  const kept = whole.txs.filter((tx) => traceOf.has(tx.hash));
  const newIndex = new Map(kept.map((tx, i) => [tx.index, i]));
  const source = { method: "debug_traceBlockByHash", endpoint: endpoint.label };
  return {
    ...whole,
    txs: kept.map((tx, index) => ({ ...tx, index })),
    logs: whole.logs.flatMap((log) => {
      const txIndex = newIndex.get(log.txIndex);
      return txIndex === undefined ? [] : [{ ...log, txIndex }];
    }),
    traces: kept.map((tx) => parseFrame(traceOf.get(tx.hash), source)),
    traceSource: source.method,
    has: ["X", "L", "T"],
  };
}
