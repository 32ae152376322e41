import type { BlockBundle, Transaction } from "@testudo/core/model/BlockBundle";
import { logsOf } from "@testudo/core/model/CallTree";
import type { EvmOutcome } from "@testudo/core/model/Evm";
import type { Input } from "@testudo/core/model/Input";
import { type PendingTx, predictionOf } from "@testudo/core/model/PendingTx";
import { hashOf } from "@testudo/core/model/Record";
import {
  type At,
  atBlock,
  frameOf,
  isNodeRead,
  isWithinTx,
  type StateAnswer,
  type StateRead,
} from "@testudo/core/model/StateRead";
import { answerPlaced, type PlacedRead, type Spent } from "../reexecute/answerPlaced.ts";
import type { ExecutedBlock } from "../reexecute/executeBlock.ts";
import type { HeadState } from "./openHeadState.ts";

/** A pending transaction that ran. The state stands after it until `undo`. */
export interface TriedPending {
  readonly outcome: EvmOutcome;
  /** What the pipeline takes; undefined where it did not run or failed. */
  readonly input: Extract<Input, { kind: "pending" }> | undefined;
  /** Answers reads of the state before (`parent`) and after (`block`) it, and around calls within it. */
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
    const own = { ...tx, nonce: BigInt(tx.nonce) };
    const outcome = await evm.run(own);
    const traces = outcome.kind === "ran" ? [outcome.trace] : [];
    const made = { evm, txs: [own], traces, marks: [mark, evm.snapshot()] };
    const spent = { runs: 0, ms: 0 };
    return {
      outcome,
      input: outcome.kind === "ran" && outcome.succeeded ? inputOf(head, tx, outcome) : undefined,
      answer: (reads) => answerOn(made, spent, reads),
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

// Whoever shows a transaction pays nothing for it.
const mostRuns = 16;
const mostMs = 500;

/** As of a block that has this one transaction. */
async function answerOn(made: ExecutedBlock, spent: Spent, reads: readonly StateRead[]): Promise<StateAnswer[]> {
  const placed = reads.map(placedAt);
  const asked = placed.filter((one) => "read" in one);
  const { answers } = await answerPlaced(made, asked, spent, { untilMs: Date.now() + mostMs, mostMs, mostRuns });
  let next = 0;
  return placed.map((one) => ("read" in one ? answers[next++]! : one));
}

/** Where it is asked, or that it is not answered. */
function placedAt(asked: StateRead): PlacedRead | Extract<StateAnswer, { readonly ok: false }> {
  const where: At = asked.at;
  const at = atBlock(where);
  if (!isNodeRead(asked) || typeof at !== "string")
    return { ok: false, error: `unsupported: before a block no "${asked.kind}" of this kind is answered.` };
  const { at: _, ...read } = asked;
  const side = at === "parent" ? "before" : "after";
  return isWithinTx(where) ? { index: 0, side, frame: frameOf(where), read } : { index: 0, side, read };
}
