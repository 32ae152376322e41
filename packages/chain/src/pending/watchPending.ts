import type { Hex } from "@testudo/core/model/Hex";
import type { PendingTx } from "@testudo/core/model/PendingTx";
import { RpcMalformed, RpcRefused } from "../rpc/RpcError.ts";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { sleep } from "../rpc/sleep.ts";
import { refuse, toFields, toHash, toList } from "../wire/parseField.ts";
import { parsePending } from "../wire/parsePending.ts";
import { openPendingAsked, type PendingAsked } from "./PendingAsked.ts";

export interface WatchPendingOptions {
  readonly endpoints: readonly Endpoint[];
  /** Default 200 ms. */
  readonly pollMs?: number;
  readonly signal: AbortSignal;
  /** Told of each transaction once, by whichever node shows it first. */
  readonly onPending: (tx: PendingTx) => void;
  /** Told of each that was shown before, by a node that announces it, or has it in its pool. */
  readonly onAgain?: (endpoint: Endpoint, hash: Hex) => void;
  /** Told of what a node shows that is no transaction. It costs no other: anybody may have sent it. */
  readonly onMalformed?: (endpoint: Endpoint, fault: RpcMalformed) => void;
  /** Told when a node shows its pool (null) or says why it does not. */
  readonly onSource?: (endpoint: Endpoint, refusal: string | null) => void;
}

const longestWaitMs = 30_000;
const hashesAtOnce = 500;
// What a node that is away announced is kept so far; the oldest are given up.
const laterMax = 10_000;
// Each costs an error with its trace. More in one turn than anybody could get into a pool is the node's own doing.
const malformedMax = 1_000;

/**
 * Follows the pools of all nodes until `signal`: what waits already where `txpool_content` is known, then what comes, by
 * `eth_newPendingTransactionFilter`. A node that shows no pool is asked again ever more seldom. What one node announces and does not show
 * is taken from the next that shows it. Never rejects.
 */
export async function watchPending(options: WatchPendingOptions): Promise<void> {
  const asked = openPendingAsked();
  await Promise.all(options.endpoints.map((endpoint) => follow(endpoint, options, asked)));
}

async function follow(
  endpoint: Endpoint,
  { pollMs = 200, signal, onPending, onAgain, onSource, onMalformed }: WatchPendingOptions,
  asked: PendingAsked,
): Promise<void> {
  let filter: unknown;
  let wait = pollMs;
  let later: readonly Hex[] = [];
  const take = (tx: PendingTx) => {
    if (asked.isNew(tx.hash)) onPending(tx);
    else onAgain?.(endpoint, tx.hash);
  };
  const source = { method: "eth_getFilterChanges", endpoint: endpoint.label };
  while (!signal.aborted) {
    const one = openReader((fault) => onMalformed?.(endpoint, fault));
    try {
      if (filter === undefined) {
        filter = await endpoint.request("eth_newPendingTransactionFilter");
        onSource?.(endpoint, null);
        await readPool(endpoint, one, take);
      }
      const told = toList(source, "result", await endpoint.request(source.method, [filter]));
      const newest = told.slice(-laterMax);
      later = [...later, ...newest.flatMap((hash) => one(() => toHash(source, "hash", hash)) ?? [])].slice(-laterMax);
      const sorted = asked.sort(later);
      for (const hash of sorted.shown) onAgain?.(endpoint, hash);
      try {
        await readHashes(endpoint, sorted.now, one, take);
        later = sorted.later;
      } finally {
        asked.end(sorted.now);
      }
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

/** What `read` gives; undefined, and told, where it is malformed. Throws what is malformed after too much of it. */
type Reader = <T>(read: () => T) => T | undefined;

function openReader(onMalformed: (fault: RpcMalformed) => void): Reader {
  let left = malformedMax;
  return (read) => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof RpcMalformed)) throw error;
      left -= 1;
      if (left < 0) throw error;
      onMalformed(error);
      return undefined;
    }
  };
}

async function readHashes(
  endpoint: Endpoint,
  hashes: readonly Hex[],
  one: Reader,
  take: (tx: PendingTx) => void,
): Promise<void> {
  const method = "eth_getTransactionByHash";
  const source = { method, endpoint: endpoint.label };
  for (let i = 0; i < hashes.length; i += hashesAtOnce) {
    const some = hashes.slice(i, i + hashesAtOnce);
    const answers = await endpoint.batch(some.map((hash) => ({ method, params: [hash] })));
    answers.forEach((answer, j) => {
      const tx = answer.ok ? one(() => parsePending(answer.result, source, endpoint.label)) : null;
      if (tx && tx.hash !== some[j]) one(() => refuse(source, "hash", tx.hash, `"${some[j]}"`));
      else if (tx) take(tx);
    });
  }
}

// What is queued behind a missing nonce cannot come into the next block and is shown when it can.
async function readPool(endpoint: Endpoint, one: Reader, take: (tx: PendingTx) => void): Promise<void> {
  const method = "txpool_content";
  const source = { method, endpoint: endpoint.label };
  try {
    const { pending } = toFields(source, "result", await endpoint.request(method));
    for (const own of Object.values(toFields(source, "pending", pending)))
      for (const shown of Object.values(toFields(source, "pending", own))) {
        const tx = one(() => parsePending(shown, source, endpoint.label));
        if (tx) take(tx);
      }
  } catch (error) {
    if (!(error instanceof RpcRefused)) throw error;
  }
}
