import { accountAt, balanceAt, codeHashAt, GIVEN, WATCHED } from "./Accounts";
import { blockWords } from "./Block";
import {
  BALANCE,
  BLOCK_WORD,
  CODE,
  journal,
  LIFE,
  NONCE,
  Record,
  RECORD,
  SLOT,
  TRANSIENT,
  WARM_ACCOUNT,
  WARM_SLOT,
} from "./Journal";
import { countFilled, isZeroAt, slotAt, valueAt } from "./Slots";
import { restoreTransient } from "./Transient";

const OF_HOST: u32 = GIVEN | WATCHED;

/** Takes back every change since the journal was `mark` bytes long. */
export function rollback(mark: u32): void {
  while (journal.length > mark) {
    journal.length -= RECORD;
    undo(journal.start + journal.length);
  }
}

function undo(at: usize): void {
  const record = changetype<Record>(at);
  const index = record.index;
  const word = at + 16;
  switch (record.kind) {
    case BALANCE:
      memory.copy(balanceAt(index), word, 32);
      break;
    case NONCE:
      accountAt(index).nonce = record.number;
      break;
    case CODE:
      accountAt(index).code = <u32>record.number;
      memory.copy(codeHashAt(index), word, 32);
      break;
    case SLOT:
      countFilled(slotAt(index).account, isZeroAt(valueAt(index)), isZeroAt(word));
      v128.store(valueAt(index), v128.load(word));
      v128.store(valueAt(index), v128.load(word, 16), 16);
      break;
    case WARM_ACCOUNT:
      accountAt(index).warmIn = <u32>record.number;
      break;
    case WARM_SLOT:
      slotAt(index).warmIn = <u32>record.number;
      break;
    case TRANSIENT:
      restoreTransient(index, <u32>record.number, word);
      break;
    case LIFE:
      // What the host said of it since is no change of state.
      accountAt(index).flags = (<u32>record.number & ~OF_HOST) | (accountAt(index).flags & OF_HOST);
      accountAt(index).createdIn = <u32>record.word0;
      accountAt(index).destroyedIn = <u32>record.word1;
      break;
    case BLOCK_WORD:
      memory.copy(blockWords + index, word, 32);
      break;
  }
}

/**
 * Goes back to when the journal was `mark` bytes long, and keeps its records: each of them then holds what came after. What is
 * written meanwhile stands behind them, and has to be rolled back before `advance`.
 */
export function rewind(mark: u32): void {
  for (let at = journal.length; at > mark; at -= RECORD) swap(journal.start + at - RECORD);
}

/** Comes forward again from `mark`. */
export function advance(mark: u32): void {
  for (let at = mark; at < journal.length; at += RECORD) swap(journal.start + at);
}

const kept: usize = memory.data(48, 16);

// What was accessed and what is transient is void once the run has ended, and a run never goes on over a rewind.
function swap(at: usize): void {
  const record = changetype<Record>(at);
  const kind = record.kind;
  if (kind == WARM_ACCOUNT || kind == WARM_SLOT || kind == TRANSIENT) return;
  memory.copy(kept, at, RECORD);
  keepNow(record, at + 16);
  undo(kept);
}

/** Writes into the record what stands now, where it held what stood before. */
function keepNow(record: Record, word: usize): void {
  const index = record.index;
  switch (record.kind) {
    case BALANCE:
      memory.copy(word, balanceAt(index), 32);
      break;
    case NONCE:
      record.number = accountAt(index).nonce;
      break;
    case CODE:
      record.number = accountAt(index).code;
      memory.copy(word, codeHashAt(index), 32);
      break;
    case SLOT:
      memory.copy(word, valueAt(index), 32);
      break;
    case LIFE:
      record.number = accountAt(index).flags;
      record.word0 = accountAt(index).createdIn;
      record.word1 = accountAt(index).destroyedIn;
      break;
    case BLOCK_WORD:
      memory.copy(word, blockWords + index, 32);
      break;
  }
}
