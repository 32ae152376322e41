import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { RpcRefused, RpcTimedOut } from "../rpc/RpcError.ts";
import type { Endpoint, RpcAnswer, RpcCall } from "../rpc/rpcEndpoint.ts";
import type { Block } from "../wire/parseBlock.ts";
import { parseFlatTraces } from "../wire/parseFlatTrace.ts";
import { parseBlockTraces } from "../wire/parseTrace.ts";

/** The ways a node may offer call trees, best first, and ours where it offers none (STREAM-07). */
export type TraceSource = OfferedSource | "re-execution";

type OfferedSource = "debug_traceBlockByHash" | "trace_block";

/** The call trees of one block and how they were made. */
export interface BlockTraces {
  readonly traces: readonly CallFrame[];
  readonly source: TraceSource;
}

const sources: readonly OfferedSource[] = ["debug_traceBlockByHash", "trace_block"];
const REPROBE_MS = 10 * 60_000;
// Executing a block again takes the node far longer than reading it.
const SLOWNESS = 2;
const SLOWER_BY_BLOCK_MS = 2_000;
// Whoever fills a block with what is costly to trace must not keep the rest of the stream waiting, block after block.
const REST_MS = 30_000;

// What each endpoint does not offer, or not in time, until when. Learned from its own refusals and asked again later: a
// node may be restarted with other modules, and a proxy may send the next request elsewhere.
const withheld = new WeakMap<Endpoint, Map<OfferedSource, number>>();

/**
 * The call trees of `blocks`, one entry each; undefined where the node offers none, or none in time. Throws what `Endpoint.batch` throws,
 * and `RpcMalformed` when trees do not belong to the block.
 */
export async function traceBlocks(endpoint: Endpoint, blocks: readonly Block[]): Promise<(BlockTraces | undefined)[]> {
  const found: (BlockTraces | undefined)[] = blocks.map((block) =>
    // A block without transactions has no trees, whatever the node offers.
    block.txHashes.length === 0 ? { traces: [], source: sources[0]! } : undefined,
  );
  for (const source of sources) {
    const open = blocks.flatMap((_, i) => (found[i] === undefined ? [i] : []));
    if (open.length === 0 || isWithheld(endpoint, source)) continue;
    const calls = open.map((i) => callOf(source, blocks[i]!));
    const answers = await askInTime(endpoint, source, calls);
    if (answers === undefined) continue;
    for (const [k, i] of open.entries()) {
      const traces = readTraces(endpoint, source, answers[k]!, blocks[i]!);
      if (traces !== undefined) found[i] = { traces, source };
    }
  }
  return found;
}

/** Whether `endpoint` is believed to offer call trees. True until it has refused every way. */
export function offersTraces(endpoint: Endpoint): boolean {
  return sources.some((source) => !isWithheld(endpoint, source));
}

function callOf(source: OfferedSource, { ref }: Block): RpcCall {
  return source === "trace_block"
    ? { method: source, params: [`0x${ref.number.toString(16)}`] }
    : { method: source, params: [ref.hash, { tracer: "callTracer", tracerConfig: { withLog: true } }] };
}

/** The answers to `calls`; undefined where the node needs too long, which is then asked something else for a while. */
async function askInTime(
  endpoint: Endpoint,
  source: OfferedSource,
  calls: readonly RpcCall[],
): Promise<RpcAnswer[] | undefined> {
  const timeoutMs = endpoint.timeoutMs * SLOWNESS + (calls.length - 1) * SLOWER_BY_BLOCK_MS;
  try {
    return await endpoint.batch(calls, { timeoutMs });
  } catch (error) {
    // A proxy may refuse the whole batch because it does not know the method.
    if (error instanceof RpcRefused && isNotOffered(error)) return calls.map(() => ({ ok: false, error }));
    if (!(error instanceof RpcTimedOut)) throw error;
    withhold(endpoint, source, REST_MS);
    return undefined;
  }
}

function readTraces(
  endpoint: Endpoint,
  source: OfferedSource,
  answer: RpcAnswer,
  block: Block,
): readonly CallFrame[] | undefined {
  const from = { method: source, endpoint: endpoint.label };
  if (!answer.ok) {
    if (isNotOffered(answer.error)) withhold(endpoint, source, REPROBE_MS);
    return undefined;
  }
  return source === "trace_block"
    ? parseFlatTraces(answer.result, block.ref.hash, block.txHashes, from)
    : parseBlockTraces(answer.result, block.txHashes, from);
}

/** Whether a refusal means that the node does not have the method at all, not just for this block. */
export function isNotOffered({ code, said }: RpcRefused): boolean {
  return (
    code === -32601 ||
    /method .*(not (found|supported|available|allowed|enabled)|does not exist|disabled|unsupported|whitelist)/i.test(
      said,
    )
  );
}

function isWithheld(endpoint: Endpoint, source: OfferedSource): boolean {
  return (withheld.get(endpoint)?.get(source) ?? 0) > performance.now();
}

function withhold(endpoint: Endpoint, source: OfferedSource, forMs: number): void {
  const until = withheld.get(endpoint) ?? new Map<OfferedSource, number>();
  withheld.set(endpoint, until.set(source, performance.now() + forMs));
}
