// State between two transactions of a block. No node gives it; who executes the block again has it (STREAM-09).
import { fetchBundle } from "@testudo/chain/fetchBundle";
import type { StateReader } from "@testudo/chain/readState";
import type { Endpoint } from "@testudo/chain/rpcEndpoint";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import {
  type At,
  type AtBlock,
  isAmongTxs,
  isNodeRead,
  type StateAnswer,
  type StateRead,
} from "@testudo/core/model/StateRead";
import { type ExecutedBlock, executeBlock, type ReexecutionOptions } from "./executeBlock.ts";

export interface AmongTxsOptions extends ReexecutionOptions {
  readonly endpoints: readonly Endpoint[];
  /** Told why state between transactions cannot be had for a block; its reads are answered at the block's ends. */
  readonly onFailed?: (ref: BlockRef, why: string) => void;
}

type Opened = { readonly block: ExecutedBlock; readonly txs: readonly Hex[] } | undefined;

// One for the block that is judged, and one for what is judged again after it.
const mostKept = 2;

/**
 * A reader over `reader` that answers what is asked before or after a transaction from the block, executed again. Where that cannot be
 * done, `reader` answers with the state before or after the whole block.
 */
export function readAmongTxs(reader: StateReader, { endpoints, onFailed, ...options }: AmongTxsOptions): StateReader {
  const kept = new Map<Hex, Promise<Opened>>();
  // An engine does one thing after the other.
  let last: Promise<unknown> = Promise.resolve();

  async function open(ref: BlockRef): Promise<Opened> {
    let why = "no node is configured.";
    for (const endpoint of endpoints)
      try {
        const { txs, logs } = await fetchBundle(endpoint, ref.hash, ["X", "L"]);
        const made = await executeBlock(endpoint, ref.hash, logs, options);
        if (!("why" in made)) return { block: made, txs: txs.map(({ hash }) => hash) };
        why = made.why;
      } catch (error) {
        // Whatever goes wrong with what strangers sent costs the exact state, and no more.
        why = (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
      }
    onFailed?.(ref, why);
    return undefined;
  }

  function openOnce(ref: BlockRef): Promise<Opened> {
    const found = kept.get(ref.hash);
    if (found !== undefined) return found;
    const opened = open(ref);
    kept.set(ref.hash, opened);
    if (kept.size > mostKept) kept.delete(kept.keys().next().value!);
    return opened;
  }

  async function answerOne(ref: BlockRef, read: StateRead): Promise<StateAnswer | undefined> {
    if (!isNodeRead(read) || !isAmongTxs(read.at)) return undefined;
    const opened = await openOnce(ref);
    if (opened === undefined) return undefined;
    const { at, ...asked } = read;
    const index = placeOf(at, opened.txs);
    if (index === undefined) return { ok: false, error: "unavailable: the transaction is not of this block" };
    const { evm, marks } = opened.block;
    const answer = last.then(() => evm.read(asked, marks[index]));
    last = answer.catch(() => undefined);
    return answer.catch(() => undefined);
  }

  return {
    async read(ref, reads) {
      if (!reads.some(({ at }) => isAmongTxs(at))) return reader.read(ref, reads);
      const ours = await Promise.all(reads.map((read) => answerOne(ref, read)));
      const others = reads.filter((_, i) => ours[i] === undefined);
      const rest = others.length === 0 ? [] : await reader.read(ref, others);
      let next = 0;
      return ours.map((answer) => answer ?? rest[next++]!);
    },
  };
}

/** Which of a block's states lies at `at`: 0 before its first transaction. */
function placeOf(at: Exclude<At, AtBlock>, txs: readonly Hex[]): number | undefined {
  const index = txs.indexOf("beforeTx" in at ? at.beforeTx : at.afterTx);
  if (index === -1) return undefined;
  return "beforeTx" in at ? index : index + 1;
}
