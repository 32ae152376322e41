// State between two transactions of a block. No node gives it; who executes the block again has it (STREAM-09).
import { fetchBundle } from "@testudo/chain/fetchBundle";
import type { StateReader } from "@testudo/chain/readState";
import type { Endpoint } from "@testudo/chain/rpcEndpoint";
import type { BlockBundle, BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import {
  type At,
  type AtBlock,
  isAmongTxs,
  isNodeRead,
  type NodeRead,
  type StateAnswer,
  type StateRead,
} from "@testudo/core/model/StateRead";
import type { Executor } from "./Executor.ts";

export interface AmongTxsOptions {
  readonly endpoints: readonly Endpoint[];
  readonly executor: Executor;
  /**
   * Told why state between transactions cannot be had for a block, whose reads are answered at its ends; and without a reason once it
   * is there again.
   */
  readonly onChange?: (ref: BlockRef, why?: string) => void;
}

type Among = NodeRead & { readonly at: Exclude<At, AtBlock> };

// As many as the executor keeps.
const mostKept = 2;

/**
 * A reader over `reader` that answers what is asked before or after a transaction from the block, executed again. Where that cannot be
 * done, `reader` answers with the state before or after the whole block.
 */
export function readAmongTxs(reader: StateReader, { endpoints, executor, onChange }: AmongTxsOptions): StateReader {
  const bundles = new Map<Hex, Promise<BlockBundle>>();
  // The block that could not be executed last, until one can: detectors ask about one block often.
  let failed: Hex | undefined;

  function bundleOf(endpoint: Endpoint, { hash }: BlockRef): Promise<BlockBundle> {
    const known = bundles.get(hash);
    if (known !== undefined) return known;
    const found = fetchBundle(endpoint, hash, ["X", "L"]);
    bundles.set(hash, found);
    found.catch(() => bundles.delete(hash));
    if (bundles.size > mostKept) bundles.delete(bundles.keys().next().value!);
    return found;
  }

  async function askOne(endpoint: Endpoint, ref: BlockRef, reads: readonly Among[]): Promise<StateAnswer[] | string> {
    const { txs, logs } = await bundleOf(endpoint, ref);
    const txHashes = txs.map(({ hash }) => hash);
    const places = reads.map(({ at }) => placeOf(at, txHashes));
    const placed = reads.flatMap(({ at: _, ...read }, i) =>
      places[i] === undefined ? [] : [{ index: places[i], read }],
    );
    const made = await executor.answers(endpoint, { hash: ref.hash, txHashes, logs }, placed);
    if ("why" in made) return made.why;
    let next = 0;
    return places.map((place) => (place === undefined ? elsewhere : made.answers[next++]!));
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
        why = (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
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

/** Which of a block's states lies at `at`: 0 before its first transaction. */
function placeOf(at: Exclude<At, AtBlock>, txs: readonly Hex[]): number | undefined {
  const index = txs.indexOf("beforeTx" in at ? at.beforeTx : at.afterTx);
  if (index === -1) return undefined;
  return "beforeTx" in at ? index : index + 1;
}
