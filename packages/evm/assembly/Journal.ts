// Every change of state leaves a record of what was there before. A snapshot is a length of the journal; going back undoes
// records from the end. So snapshots nest, and cost nothing.
import { hasRoom, Region } from "./Region";

/** What a record undoes; nothing any more, where it was about a run that has ended. */
export const NOTHING: u32 = 0;
export const BALANCE: u32 = 1;
export const NONCE: u32 = 2;
export const CODE: u32 = 3;
export const SLOT: u32 = 4;
export const WARM_ACCOUNT: u32 = 5;
export const WARM_SLOT: u32 = 6;
export const TRANSIENT: u32 = 7;
export const LIFE: u32 = 8;
export const BLOCK_WORD: u32 = 9;

/** A record: kind, index of what changed, a number that was there, and a word that was there. */
@unmanaged
export class Record {
  kind: u32;
  index: u32;
  number: u64;
  word0: u64;
  word1: u64;
  word2: u64;
  word3: u64;
}
export const RECORD: u32 = 48;

export const journal: Region = changetype<Region>(memory.data(16, 8));

// Room is made while this much is left: an operation that meets the end of memory still finishes what it writes, the run
// ends with a fault right after it, and all of it can be taken back.
const RESERVE: u32 = 64 * RECORD;

/** True if `count` records find room; false if memory is exhausted. For whoever writes more than a few at once. */
export function hasRecords(count: u32): bool {
  return hasRoom(journal, <u64>count * RECORD + RESERVE);
}

/** Writes a record without its word, and gives the place of the word. */
@inline
export function remember(kind: u32, index: u32, number: u64): usize {
  if (!hasRoom(journal, RESERVE) && journal.length + RECORD > journal.capacity) unreachable();
  const record = journal.start + journal.length;
  journal.length += RECORD;
  store<u32>(record, kind);
  store<u32>(record, index, 4);
  store<u64>(record, number, 8);
  return record + 16;
}

/** Writes a record with the word at `word`. */
@inline
export function rememberWord(kind: u32, index: u32, number: u64, word: usize): void {
  const place = remember(kind, index, number);
  v128.store(place, v128.load(word));
  v128.store(place, v128.load(word, 16), 16);
}
