import type { Log } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import { RpcMalformed, RpcRefused } from "../rpc/RpcError.ts";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import type { Block } from "../wire/parseBlock.ts";
import { toFields, toNumber } from "../wire/parseField.ts";
import { parseFlatTraces } from "../wire/parseFlatTrace.ts";
import { type BlockTraces, isNotOffered, traceBlocks } from "./traceBlocks.ts";

/** Which call trees may be taken from what a node remembers of mining, although their frames have no logs. */
export interface Recall {
  /** First topics of the logs that somebody looks for inside frames: a block with one of them is executed again. */
  readonly frameLogs: readonly Hex[];
  /** Blocks from this number on are executed again. */
  readonly below: bigint;
}

const REPROBE_MS = 10 * 60_000;

// Which endpoints are no anvil, until when that is believed: another node may come to stand behind an address.
const others = new WeakMap<Endpoint, number>();

/**
 * The call trees of `blocks`, like `traceBlocks`, with those that anvil remembers from mining a block taken from
 * `trace_block` where `recall` allows it: the same frames without logs, in a twentieth of the time. Any other node, and
 * anvil for the blocks of the chain that it forked, executes again for either method, and may leave calls of
 * precompiles out of the second one; they are asked for the first. `logs` are those of each block.
 */
export async function recallTraces(
  endpoint: Endpoint,
  blocks: readonly Block[],
  recall: Recall,
  logs: Promise<readonly (readonly Log[])[]>,
): Promise<(BlockTraces | undefined)[]> {
  const found = await remembered(endpoint, blocks, recall);
  const sought = new Set(recall.frameLogs);
  for (const [i, ofBlock] of (await logs).entries())
    if (ofBlock.some(({ topics: [kind] }) => kind !== undefined && sought.has(kind))) found[i] = undefined;
  const open = blocks.flatMap((_, i) => (found[i] === undefined ? [i] : []));
  if (open.length === 0) return found;
  const traced = await traceBlocks(
    endpoint,
    open.map((i) => blocks[i]!),
  );
  for (const [k, i] of open.entries()) found[i] = traced[k];
  return found;
}

async function remembered(
  endpoint: Endpoint,
  blocks: readonly Block[],
  { below }: Recall,
): Promise<(BlockTraces | undefined)[]> {
  const found = new Array<BlockTraces | undefined>(blocks.length).fill(undefined);
  const from = await firstOwnBlock(endpoint);
  if (from === undefined) return found;
  const mined = blocks.flatMap(({ ref, txHashes }, i) =>
    ref.number >= from && ref.number < below && txHashes.length > 0 ? [i] : [],
  );
  if (mined.length === 0) return found;
  const method = "trace_block";
  const calls = mined.map((i) => ({ method, params: [`0x${blocks[i]!.ref.number.toString(16)}`] }));
  const answers = await endpoint.batch(calls);
  for (const [k, i] of mined.entries()) {
    const answer = answers[k]!;
    if (answer.ok) found[i] = readTraces(endpoint, answer.result, blocks[i]!);
  }
  return found;
}

/** The first block that `endpoint` mined itself; undefined where it is no anvil. */
async function firstOwnBlock(endpoint: Endpoint): Promise<bigint | undefined> {
  if ((others.get(endpoint) ?? 0) > performance.now()) return undefined;
  const method = "anvil_nodeInfo";
  // Asked every time: `anvil_reset` puts a running node onto a fork.
  const [answer] = await endpoint.batch([{ method, params: [] }]).catch(refusalOf);
  if (answer?.ok !== true) {
    if (answer !== undefined && isNotOffered(answer.error)) others.set(endpoint, performance.now() + REPROBE_MS);
    return undefined;
  }
  const source = { method, endpoint: endpoint.label };
  const { forkConfig } = toFields(source, "nodeInfo", answer.result);
  const { forkBlockNumber } = toFields(source, "nodeInfo.forkConfig", forkConfig);
  if (forkBlockNumber == null) return 0n;
  return BigInt(toNumber(source, "nodeInfo.forkConfig.forkBlockNumber", forkBlockNumber)) + 1n;
}

// A proxy may refuse the whole batch because it does not know the method.
function refusalOf(error: unknown): { readonly ok: false; readonly error: RpcRefused }[] {
  if (error instanceof RpcRefused) return [{ ok: false, error }];
  throw error;
}

// Asked by number, a node that has just been reorganised tells of another block: then it is asked by hash.
function readTraces(endpoint: Endpoint, answer: unknown, { ref, txHashes }: Block): BlockTraces | undefined {
  const source = "trace_block";
  try {
    const traces = parseFlatTraces(answer, ref.hash, txHashes, { method: source, endpoint: endpoint.label });
    return traces && { traces, source };
  } catch (error) {
    if (error instanceof RpcMalformed) return undefined;
    throw error;
  }
}
