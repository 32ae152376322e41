import type { BlockBundle, Log, Scope, Transaction } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import { BlockUnknown } from "../rpc/BlockUnknown.ts";
import { RpcMalformed } from "../rpc/RpcError.ts";
import type { Endpoint, RpcCall } from "../rpc/rpcEndpoint.ts";
import { fitsBloom, isEmptyBloom } from "../wire/bloomOf.ts";
import { delegationsOf } from "../wire/delegationsOf.ts";
import { type Block, type BlockTransaction, parseBlock } from "../wire/parseBlock.ts";
import { parseLogs } from "../wire/parseLogs.ts";
import type { Reexecution } from "./Reexecution.ts";
import { type Recall, recallTraces } from "./recallTraces.ts";
import { reexecuteBlocks } from "./reexecuteBlocks.ts";
import { type BlockTraces, traceBlocks } from "./traceBlocks.ts";

/** Ways to a block's call trees beside asking its node to trace it. Both need its logs. */
export interface TreeSources {
  /** What a node remembers of mining is taken, without the logs of its frames, as far as this allows it. */
  readonly recall?: Recall | undefined;
  /** What no node traces is executed again, as far as this says so. */
  readonly reexecution?: Reexecution | undefined;
  /** Who may give the state for that, best first. Default: the endpoint that gives the rest. */
  readonly stateFrom?: readonly Endpoint[];
}

/** What of blocks is had from elsewhere than the endpoint. */
export interface BundleSources extends TreeSources {
  /** For each block its logs, where they are proved or borne out; those of the others are asked for. */
  readonly proved?: Promise<readonly (readonly Log[] | undefined)[]>;
}

/**
 * All that `scopes` asks for of the block `at` (hash or number), from one endpoint. Without "X" the transactions are
 * left out, without "L" the logs, without "T" the call trees; "S" and "H" need no data of the block.
 * Throws `BlockUnknown`, `LogsIncomplete`, or what the endpoint throws.
 */
export async function fetchBundle(
  endpoint: Endpoint,
  at: Hex | bigint,
  scopes: readonly Scope[],
): Promise<BlockBundle> {
  const block = await fetchBlock(endpoint, at, scopes.includes("X"));
  const [bundle] = await fetchBundles(endpoint, [block], scopes, [endpoint.label]);
  return bundle!;
}

/**
 * The block `at` (hash or number). Throws `BlockUnknown` when the endpoint does not have it, `RpcMalformed` when it gives hashes where
 * transactions are asked for.
 */
export async function fetchBlock(
  endpoint: Endpoint,
  at: Hex | bigint,
  withTxs: boolean,
  timeoutMs = endpoint.timeoutMs,
): Promise<Block> {
  const { method, params } = blockCall(at, withTxs);
  const answer = await endpoint.request(method, params, { timeoutMs });
  const block = parseBlock(answer, { method, endpoint: endpoint.label });
  if (block === null) throw new BlockUnknown(endpoint.label, at);
  const answered = typeof at === "bigint" ? block.ref.number : block.ref.hash;
  if (answered !== at) throw new BlockUnknown(endpoint.label, at);
  // As of a block that has none, nobody would judge what it holds.
  if (withTxs && block.txs === undefined)
    throw new RpcMalformed(
      method,
      "transactions",
      `${block.txHashes.length} hashes`,
      "the transactions themselves",
      endpoint.label,
    );
  return block;
}

/** The call that asks for a block by hash or number. */
export function blockCall(at: Hex | bigint, withTxs: boolean): RpcCall {
  return typeof at === "bigint"
    ? { method: "eth_getBlockByNumber", params: [`0x${at.toString(16)}`, withTxs] }
    : { method: "eth_getBlockByHash", params: [at, withTxs] };
}

/**
 * The bundles of `blocks`, whose bodies are already here, with what else `scopes` asks for: logs by block hash, checked
 * against the header's bloom (STREAM-06), and call trees (STREAM-07). `sources` are the endpoints that agreed on them. `more`
 * says what is had otherwise.
 */
export async function fetchBundles(
  endpoint: Endpoint,
  blocks: readonly Block[],
  scopes: readonly Scope[],
  sources: readonly string[],
  more: BundleSources = {},
): Promise<BlockBundle[]> {
  const asked = scopes.includes("L") ? fetchLogs(endpoint, blocks, more.proved) : undefined;
  const traced = scopes.includes("T") ? fetchTrees(endpoint, blocks, more, asked) : undefined;
  const [logs, traces] = await Promise.all([asked, traced]);
  return blocks.map((block, i) => toBundle(block, logs?.[i], traces?.[i], scopes, sources));
}

async function fetchTrees(
  endpoint: Endpoint,
  blocks: readonly Block[],
  { recall, reexecution, stateFrom = [endpoint] }: TreeSources,
  asked: Promise<(readonly Log[])[]> | undefined,
): Promise<(BlockTraces | undefined)[]> {
  const isRemembered = recall !== undefined && asked !== undefined;
  const offered = await (isRemembered ? recallTraces(endpoint, blocks, recall, asked) : traceBlocks(endpoint, blocks));
  if (reexecution === undefined || asked === undefined || !offered.includes(undefined)) return offered;
  return reexecuteBlocks(stateFrom, blocks, offered, await asked, reexecution);
}

/** The logs of `blocks`, each with those of its bloom; `proved` are had already. Throws `LogsIncomplete`, or what the endpoint throws. */
export async function fetchLogs(
  endpoint: Endpoint,
  blocks: readonly Block[],
  proved?: BundleSources["proved"],
): Promise<(readonly Log[])[]> {
  const method = "eth_getLogs";
  const known = (await proved) ?? [];
  // Chains exist on which system logs belong to no transaction of the block.
  const asked = blocks.filter(
    (block, i) => known[i] === undefined && (block.txHashes.length > 0 || !isEmptyBloom(block.logsBloom)),
  );
  const answers = await endpoint.batch(asked.map(({ ref }) => ({ method, params: [{ blockHash: ref.hash }] })));
  const source = { method, endpoint: endpoint.label };
  const found = new Map<Block, Log[]>();
  for (const [i, block] of asked.entries()) {
    const answer = answers[i]!;
    if (!answer.ok) throw answer.error;
    found.set(block, parseLogs(answer.result, block.ref.hash, source));
  }
  return blocks.map((block, i) => {
    const logs = known[i] ?? found.get(block) ?? [];
    if (!fitsBloom(logs, block.logsBloom)) throw new LogsIncomplete(endpoint.label, block.ref.hash, logs.length);
    return logs;
  });
}

function toBundle(
  block: Block,
  logs: readonly Log[] | undefined,
  found: BlockTraces | undefined,
  scopes: readonly Scope[],
  sources: readonly string[],
): BlockBundle {
  return {
    ref: block.ref,
    txs: namingSigners(block.txs ?? []),
    logs: logs ?? [],
    ...(found === undefined ? {} : { traces: found.traces, traceSource: found.source }),
    has: scopes.filter((scope) => (scope === "T" ? found !== undefined : true)),
    sources,
  };
}

// Finding the signer of one takes milliseconds, and a block has room for more of them than there is time.
const mostSigners = 64;

/** `txs` with the signers of their delegations, of a block's first 64. */
function namingSigners(txs: readonly BlockTransaction[]): readonly Transaction[] {
  let left = mostSigners;
  return txs.map(({ authorizations, wire: _, ...tx }) => {
    if (authorizations === undefined) return tx;
    const delegations = delegationsOf(authorizations.slice(0, left));
    left = Math.max(0, left - authorizations.length);
    return { ...tx, delegations };
  });
}

/** The logs do not make up the bloom filter of the block's header: some are missing or invented (STREAM-06). */
export class LogsIncomplete extends Error {
  override readonly name = "LogsIncomplete";
  /** Label of the endpoint. */
  readonly endpoint: string;
  constructor(endpoint: string, blockHash: Hex, count: number) {
    super(
      [
        `Node ${endpoint} sent ${count} logs for block ${blockHash}, and they do not fit the bloom in its header.`,
        "- All logs of a block are needed; a node that has just seen the block may not have them yet.",
        "- Ask again or ask another node.",
      ].join("\n"),
    );
    this.endpoint = endpoint;
  }
}
