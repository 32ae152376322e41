import type { BlockBundle, Transaction } from "@testudo/core/model/BlockBundle";
import { logsOf } from "@testudo/core/model/CallTree";
import type { EvmMark, EvmOutcome } from "@testudo/core/model/Evm";
import type { Input } from "@testudo/core/model/Input";
import { type PendingTx, predictionOf } from "@testudo/core/model/PendingTx";
import { hashOf } from "@testudo/core/model/Record";
import { atBlock, fromTx, isNodeRead, type StateAnswer, type StateRead } from "@testudo/core/model/StateRead";
import type { HeadState } from "./openHeadState.ts";

/** A pending transaction that ran. The state stands after it until `undo`. */
export interface TriedPending {
  readonly outcome: EvmOutcome;
  /** What the pipeline takes; undefined where it did not run or failed. */
  readonly input: Extract<Input, { kind: "pending" }> | undefined;
  /** Answers reads of the state before (`parent`) and after (`block`) it. */
  answer(reads: readonly StateRead[]): Promise<StateAnswer[]>;
  undo(): void;
}

/** Runs `tx` after `before`, its sender's earlier ones, on the state of `head`. Throws what the nodes throw. */
export async function tryPending(head: HeadState, tx: PendingTx, before: readonly PendingTx[]): Promise<TriedPending> {
  const { evm } = head;
  const start = evm.snapshot();
  try {
    for (const earlier of before) await evm.run({ ...earlier, nonce: BigInt(earlier.nonce) });
    const mark = evm.snapshot();
    const outcome = await evm.run({ ...tx, nonce: BigInt(tx.nonce) });
    return {
      outcome,
      input: outcome.kind === "ran" && outcome.succeeded ? inputOf(head, tx, outcome) : undefined,
      answer: (reads) => answerOn(head, mark, reads),
      undo: () => evm.revert(start),
    };
  } catch (error) {
    evm.revert(start);
    throw error;
  }
}

function inputOf(
  { ref, block }: HeadState,
  tx: PendingTx,
  { trace }: Extract<EvmOutcome, { kind: "ran" }>,
): TriedPending["input"] {
  const { hash, from, to, value, input, nonce } = tx;
  const own: Transaction = { hash, index: 0, from, to, value, input, nonce };
  const logs = logsOf(trace).map(({ address, topics, data }, index) => ({ address, topics, data, index, txIndex: 0 }));
  const bundle: BlockBundle = {
    // Nobody made this block. Its name says what it is of, so that answers about one are never taken for another's.
    ref: {
      number: block.number,
      hash: hashOf({ pending: hash, after: ref.hash }),
      parentHash: ref.hash,
      timestamp: block.timestamp,
    },
    txs: [own],
    logs,
    traces: [trace],
    has: ["X", "L", "T"],
    sources: [tx.source],
    traceSource: "given",
  };
  return { kind: "pending", bundle, prediction: predictionOf(tx, ref.number, block.baseFeePerGas) };
}

async function answerOn({ evm }: HeadState, mark: EvmMark, reads: readonly StateRead[]): Promise<StateAnswer[]> {
  const answers: StateAnswer[] = [];
  for (const asked of reads) {
    const at = atBlock(asked.at);
    if (!isNodeRead(asked) || typeof at !== "string") {
      answers.push({ ok: false, error: `unsupported: before a block no "${asked.kind}" of this kind is answered.` });
      continue;
    }
    const { at: where, ...read } = asked;
    answers.push(fromTx(where, await evm.read(read, at === "parent" ? mark : undefined)));
  }
  return answers;
}
