import { accountAt, balanceAt, codeHashAt } from "./Accounts";
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
      accountAt(index).flags = <u32>record.number;
      accountAt(index).createdIn = <u32>record.word0;
      accountAt(index).destroyedIn = <u32>record.word1;
      break;
    case BLOCK_WORD:
      memory.copy(blockWords + index, word, 32);
      break;
  }
}
