import type { Transaction } from "@testudo/core/model/BlockBundle";
import type { Evm, EvmMark, EvmOutcome, OpenEvm } from "@testudo/core/model/Evm";
import { atBlock, fromTx, isNodeRead, type StateAnswer, type StateRead } from "@testudo/core/model/StateRead";
import type { RecordedBlock, RecordedTransaction } from "../record/parseRecordedBlock.ts";
import { recordedState } from "../record/recordedState.ts";

/** A transaction of a recorded block, executed or refused. */
export interface ReplayedTransaction {
  readonly tx: Transaction;
  readonly outcome: EvmOutcome;
  /**
   * Answers reads of the state before (`parent`) and after (`block`) this transaction. Good until the next transaction is
   * taken from the replay.
   */
  answer(reads: readonly StateRead[]): Promise<StateAnswer[]>;
}

/**
 * Executes the transactions of `recorded` in order on its own pre-state, one at each step of the iteration. A transaction
 * that is refused leaves no write; what depends on it is judged by the state that stands.
 */
export async function* replayBlock(
  recorded: RecordedBlock,
  openEvm: OpenEvm,
): AsyncGenerator<ReplayedTransaction, void, void> {
  const { block, transactions, accounts } = recorded;
  const blockHashes = new Map([[block.number - 1n, block.parentHash]]);
  const source = recordedState({ accounts, blockHashes, absentSlots: "missing" });
  const evm = await openEvm(source, block);
  for (const [index, tx] of transactions.entries()) {
    const before = evm.snapshot();
    const outcome = await evm.run(tx);
    yield { tx: toTransaction(tx, index), outcome, answer: (reads) => answerReads(evm, before, reads) };
  }
}

async function answerReads(evm: Evm, before: EvmMark, reads: readonly StateRead[]): Promise<StateAnswer[]> {
  const answers: StateAnswer[] = [];
  for (const asked of reads) {
    if (!isNodeRead(asked)) {
      answers.push({ ok: false, error: `unsupported: a recorded block answers no "${asked.kind}".` });
      continue;
    }
    const { at: where, ...read } = asked;
    const at = atBlock(where);
    if (typeof at === "string") answers.push(fromTx(where, await evm.read(read, at === "parent" ? before : undefined)));
    else answers.push({ ok: false, error: `State of block ${at.hash} was not recorded.` });
  }
  return answers;
}

function toTransaction({ hash, from, to, value, input, nonce }: RecordedTransaction, index: number): Transaction {
  return { hash, index, from, to, value, input, nonce: Number(nonce) };
}
