import { fetchCallTree, type TracedTransaction, TransactionUnknown } from "@testudo/chain/block/fetchTransaction";
import { RpcMalformed, RpcRefused, RpcTimedOut, RpcUnreachable } from "@testudo/chain/rpc/RpcError";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { sleep } from "@testudo/chain/rpc/sleep";
import { logsOf, walk } from "@testudo/core/model/CallTree";
import type { Hex } from "@testudo/core/model/Hex";
import { mostCalls } from "../detect/traceLimits.ts";
import type { EvaluationCase, SkippedCase } from "./Case.ts";
import type { CaseSource } from "./CaseSource.ts";
import { caseOf } from "./caseOf.ts";
import type { HashList, ListEntry } from "./readHashList.ts";
import type { KeptVerdict, VerdictFile } from "./VerdictFile.ts";

export interface ListSourceOptions {
  readonly endpoint: Endpoint;
  /** What was judged before, and where what is judged now is kept. */
  readonly verdicts?: VerdictFile;
  /** How long to wait before a node that is away or busy is asked again, in milliseconds. Default 1, 5 and 15 s. */
  readonly patienceMs?: readonly number[];
}

type Skipped = Required<Pick<SkippedCase, "reason" | "note">>;

/**
 * The transactions of `list`, each fetched from the node once with its call tree and judged by itself, as `testudo detect` does.
 * Those that the node does not know or cannot trace are skipped with the reason. Throws RpcUnreachable where the node stays away.
 */
export function listSource(list: HashList, options: ListSourceOptions): CaseSource {
  const { entries, name, hash } = list;
  return {
    kind: "list",
    hashes: new Map([[name, hash]]),
    coveredSeconds: () => 0,
    async *cases(signal, onProgress) {
      const seen = new Map<Hex, KeptVerdict | Skipped>();
      for (const [index, entry] of entries.entries()) {
        if (signal.aborted) return;
        const { tx } = entry;
        onProgress({ done: index, total: entries.length, what: `${index + 1} of ${entries.length}: ${tx}` });
        const known = seen.get(tx) ?? options.verdicts?.known.get(tx);
        const verdict = known ?? (await orStop(judgeOne(tx, options, signal), signal));
        if (verdict === undefined) return;
        seen.set(tx, verdict);
        if (known === undefined && "findings" in verdict) options.verdicts?.keep(verdict);
        yield toCase(entry, verdict, name);
      }
    },
  };
}

function toCase({ tx, truth, name }: ListEntry, verdict: KeptVerdict | Skipped, source: string): EvaluationCase {
  if ("reason" in verdict) return { kind: "skipped", tx, truth, source, ...verdict };
  return { kind: "judged", ...verdict, truth, source, ...(name === undefined ? {} : { name }) };
}

/** `work`, or undefined when the signal fires before it is done: a trace may take the node minutes. */
function orStop<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve(undefined);
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

async function judgeOne(tx: Hex, options: ListSourceOptions, signal: AbortSignal): Promise<KeptVerdict | Skipped> {
  const fetched = await fetchPatiently(tx, options, signal);
  if ("reason" in fetched) return fetched;
  const { trace, refused, chainId, ref, logs } = fetched;
  if (trace === undefined) return { reason: "not-traced", note: refused[0] ?? "it answered with another tree" };
  const calls = walk(trace).length;
  if (calls > mostCalls) return { reason: "too-large", note: `${calls} calls, and ${mostCalls} are judged` };
  // Some nodes leave logs out of the tree; the receipt has them.
  const own = logsOf(trace).length === 0 ? { logs } : {};
  const verdict = await caseOf({ trace, hash: tx, chainId, ...own }, {});
  return { tx, at: Number(ref.timestamp), block: Number(ref.number), ...verdict };
}

async function fetchPatiently(
  tx: Hex,
  { endpoint, patienceMs = [1_000, 5_000, 15_000] }: ListSourceOptions,
  signal: AbortSignal,
): Promise<TracedTransaction | Skipped> {
  for (const waitMs of patienceMs) {
    const asked = await ask(endpoint, tx);
    if (!(asked instanceof RpcUnreachable || asked instanceof RpcRefused)) return asked;
    await sleep(waitMs, signal);
  }
  const last = await ask(endpoint, tx);
  if (last instanceof RpcUnreachable) throw last;
  return last instanceof RpcRefused ? { reason: "refused", note: last.said } : last;
}

/** What the node says of `tx`; an error where it may say otherwise in a moment. */
async function ask(endpoint: Endpoint, tx: Hex): Promise<TracedTransaction | Skipped | RpcUnreachable | RpcRefused> {
  try {
    const fetched = await fetchCallTree(endpoint, tx);
    const [said] = fetched.refused;
    return said !== undefined && isBusy(said)
      ? new RpcRefused(endpoint.label, "debug_traceTransaction", 0, said)
      : fetched;
  } catch (error) {
    if (error instanceof TransactionUnknown)
      return { reason: "unknown-transaction", note: "the node has none mined of this hash" };
    // That one trace is too dear for it; others may not be.
    if (error instanceof RpcTimedOut) return { reason: "timed-out", note: error.reason };
    if (error instanceof RpcMalformed) return { reason: "malformed-answer", note: error.message.split("\n")[0]! };
    if (error instanceof RpcRefused && !isBusy(error.said)) return { reason: "refused", note: error.said };
    if (error instanceof RpcUnreachable || error instanceof RpcRefused) return error;
    throw error;
  }
}

function isBusy(said: string): boolean {
  return /rate.?limit|too many requests|limit exceeded|capacity|throttl/i.test(said);
}
