// State between two transactions of a block, or two calls of one. No node gives it; who executes the block again has it (STREAM-09).

import { fetchBundle } from "@testudo/chain/block/fetchBundle";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { StateReader } from "@testudo/chain/state/readState";
import type { BlockBundle, BlockRef } from "@testudo/core/model/BlockBundle";
import { firstLineOf } from "@testudo/core/model/firstLineOf";
import type { Hex } from "@testudo/core/model/Hex";
import {
  type AtCall,
  type AtTx,
  frameOf,
  isAmongTxs,
  isBefore,
  isNodeRead,
  isWithinTx,
  type NodeRead,
  type StateAnswer,
  type StateRead,
  txOf,
} from "@testudo/core/model/StateRead";
import type { PlacedRead } from "./answerPlaced.ts";
import type { Executor } from "./Executor.ts";

export interface AmongTxsOptions {
  readonly endpoints: readonly Endpoint[];
  readonly executor: Executor;
  /**
   * Told why state between transactions cannot be had for a block, whose reads are answered at its ends; and without a reason once it
   * is there again.
   */
  readonly onChange?: (ref: BlockRef, why?: string) => void;
  /** The same for state between calls, where that between transactions is there and stands for it. */
  readonly onCallsChange?: (ref: BlockRef, why?: string) => void;
}

type Among = NodeRead & { readonly at: AtTx | AtCall };

// As many as the executor keeps.
const mostKept = 2;

/**
 * A reader over `reader` that answers what is asked before or after a transaction, or a call in one, from the block, executed again.
 * Where that cannot be done, `reader` answers with the state before or after the whole block.
 */
export function readAmongTxs(reader: StateReader, options: AmongTxsOptions): StateReader {
  const { endpoints, executor, onChange, onCallsChange } = options;
  // Each node's own word: one that lies about a block must not have the others refused.
  const bundles = new Map<Endpoint, Map<Hex, Promise<BlockBundle>>>();
  // The block that could not be executed last, until one can: detectors ask about one block often.
  let failed: Hex | undefined;
  let areCallsUnread = false;

  function bundleOf(endpoint: Endpoint, { hash }: BlockRef): Promise<BlockBundle> {
    const own = bundles.get(endpoint) ?? new Map<Hex, Promise<BlockBundle>>();
    bundles.set(endpoint, own);
    const known = own.get(hash);
    if (known !== undefined) return known;
    const found = fetchBundle(endpoint, hash, ["X", "L"]);
    own.set(hash, found);
    found.catch(() => own.delete(hash));
    if (own.size > mostKept) own.delete(own.keys().next().value!);
    return found;
  }

  async function askOne(endpoint: Endpoint, ref: BlockRef, reads: readonly Among[]): Promise<StateAnswer[] | string> {
    const { txs, logs } = await bundleOf(endpoint, ref);
    const txHashes = txs.map(({ hash }) => hash);
    const placed = reads.map((read) => placedIn(txHashes, read));
    const asked = placed.filter((one) => one !== undefined);
    const made = await executor.answers(endpoint, { hash: ref.hash, txHashes, logs }, asked);
    if (!("answers" in made)) return made.why;
    if (asked.some(({ frame }) => frame !== undefined)) noteCalls(ref, made.why);
    let next = 0;
    return placed.map((one) => (one === undefined ? elsewhere : made.answers[next++]!));
  }

  function noteCalls(ref: BlockRef, why: string | undefined): void {
    const areUnread = why !== undefined;
    if (areUnread !== areCallsUnread) onCallsChange?.(ref, why);
    areCallsUnread = areUnread;
  }

  /** Undefined where the block cannot be executed. */
  async function ask(ref: BlockRef, reads: readonly Among[]): Promise<StateAnswer[] | undefined> {
    if (failed === ref.hash) return undefined;
    let why = "there is nobody to ask.";
    for (const endpoint of endpoints)
      try {
        const answers = await askOne(endpoint, ref, reads);
        if (typeof answers !== "string") {
          if (failed !== undefined) onChange?.(ref);
          failed = undefined;
          return answers;
        }
        why = answers;
      } catch (error) {
        why = firstLineOf(error);
      }
    if (failed === undefined) onChange?.(ref, why);
    failed = ref.hash;
    return undefined;
  }

  return {
    async read(ref, reads) {
      const among = reads.filter(isAmong);
      const answers = among.length === 0 ? undefined : await ask(ref, among);
      if (answers === undefined) return reader.read(ref, reads);
      const others = reads.filter((read) => !isAmong(read));
      const rest = others.length === 0 ? [] : await reader.read(ref, others);
      let [own, other] = [0, 0];
      return reads.map((read) => (isAmong(read) ? answers[own++]! : rest[other++]!));
    },
  };
}

const elsewhere: StateAnswer = { ok: false, error: "unavailable: the transaction is not of this block" };

function isAmong(read: StateRead): read is Among {
  return isNodeRead(read) && isAmongTxs(read.at);
}

/** Where it is asked, in a block of `txs`; undefined where its transaction is none of them. */
function placedIn(txs: readonly Hex[], { at, ...read }: Among): PlacedRead | undefined {
  const index = txs.indexOf(txOf(at));
  if (index === -1) return undefined;
  const side = isBefore(at) ? "before" : "after";
  return isWithinTx(at) ? { index, side, frame: frameOf(at), read } : { index, side, read };
}
