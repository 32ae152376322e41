import { type Hex, toLower } from "@testudo/core/model/Hex";
import type { PendingTx } from "@testudo/core/model/PendingTx";
import { toFields, toHash, toList } from "./parseField.ts";
import { parsePending } from "./parsePending.ts";
import { RpcRefused } from "./RpcError.ts";
import type { Endpoint } from "./rpcEndpoint.ts";
import { sleep } from "./sleep.ts";

export interface WatchPendingOptions {
  readonly endpoints: readonly Endpoint[];
  /** Default 200 ms. */
  readonly pollMs?: number;
  readonly signal: AbortSignal;
  /** Told of each transaction once, by whichever node shows it first. */
  readonly onPending: (tx: PendingTx) => void;
  /** Told when a node shows its pool (null) or says why it does not. */
  readonly onSource?: (endpoint: Endpoint, refusal: string | null) => void;
}

// Hashes that are remembered so that two nodes' words, or a pool read twice, are one.
const rememberedMax = 100_000;
const longestWaitMs = 30_000;
const hashesAtOnce = 500;

/**
 * Follows the pools of all nodes until `signal`: what waits already where `txpool_content` is known, then what comes, by
 * `eth_newPendingTransactionFilter`. A node that shows no pool is asked again ever more seldom. Never rejects.
 */
export async function watchPending(options: WatchPendingOptions): Promise<void> {
  const seen = new Set<Hex>();
  const isNew = (hash: Hex) => {
    if (seen.has(hash)) return false;
    if (seen.size >= rememberedMax) seen.delete(seen.values().next().value!);
    seen.add(hash);
    return true;
  };
  await Promise.all(options.endpoints.map((endpoint) => follow(endpoint, options, isNew)));
}

async function follow(
  endpoint: Endpoint,
  { pollMs = 200, signal, onPending, onSource }: WatchPendingOptions,
  isNew: (hash: Hex) => boolean,
): Promise<void> {
  let filter: unknown;
  let wait = pollMs;
  const take = (tx: PendingTx | null) => {
    if (tx !== null && isNew(tx.hash)) onPending(tx);
  };
  while (!signal.aborted) {
    try {
      if (filter === undefined) {
        filter = await endpoint.request("eth_newPendingTransactionFilter");
        onSource?.(endpoint, null);
        for (const tx of await readPool(endpoint)) take(tx);
      }
      const method = "eth_getFilterChanges";
      const hashes = toList({ method, endpoint: endpoint.label }, "result", await endpoint.request(method, [filter]));
      for (const tx of await readHashes(endpoint, hashes, isNewHash(isNew))) onPending(tx);
      wait = pollMs;
    } catch (error) {
      if (signal.aborted) return;
      // A filter that was not asked for a while is gone; a new one is made.
      filter = undefined;
      onSource?.(endpoint, error instanceof Error ? error.message : String(error));
      wait = Math.min(longestWaitMs, wait * 2);
    }
    await sleep(wait, signal);
  }
}

const isNewHash = (isNew: (hash: Hex) => boolean) => (hash: unknown) =>
  typeof hash === "string" && isNew(toLower(hash as Hex));

async function readHashes(
  endpoint: Endpoint,
  hashes: readonly unknown[],
  isWanted: (hash: unknown) => boolean,
): Promise<readonly PendingTx[]> {
  const method = "eth_getTransactionByHash";
  const source = { method, endpoint: endpoint.label };
  const wanted = hashes.filter(isWanted).map((hash) => toHash(source, "hash", hash));
  const found: PendingTx[] = [];
  for (let i = 0; i < wanted.length; i += hashesAtOnce) {
    const calls = wanted.slice(i, i + hashesAtOnce).map((hash) => ({ method, params: [hash] }));
    for (const answer of await endpoint.batch(calls)) {
      const tx = answer.ok ? parsePending(answer.result, source, endpoint.label) : null;
      if (tx !== null) found.push(tx);
    }
  }
  return found;
}

// What is queued behind a missing nonce cannot come into the next block and is shown when it can.
async function readPool(endpoint: Endpoint): Promise<readonly (PendingTx | null)[]> {
  const method = "txpool_content";
  const source = { method, endpoint: endpoint.label };
  try {
    const { pending } = toFields(source, "result", await endpoint.request(method));
    return Object.values(toFields(source, "pending", pending)).flatMap((own) =>
      Object.values(toFields(source, "pending", own)).map((tx) => parsePending(tx, source, endpoint.label)),
    );
  } catch (error) {
    if (error instanceof RpcRefused) return [];
    throw error;
  }
}
