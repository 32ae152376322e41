// Accounts and slots that were only looked at: of no use but that nobody has to look again. They go between runs, when memory is
// wanted. What stays is what was given by hand, what is watched, and what a record of the journal names: it was changed, and
// somebody may roll that back. All others stand as they stood when they were first seen, and come back so when they are next
// seen: as nothing where everything is known, or from the source.
import {
  ACCOUNT,
  accountAt,
  accountCount,
  accounts,
  GIVEN,
  LOADED,
  replaceAccounts,
  STORAGE_COMPLETE,
  WATCHED,
} from "./Accounts";
import { Cheats } from "./Cheats";
import {
  BALANCE,
  CODE,
  journal,
  LIFE,
  NONCE,
  NOTHING,
  Record,
  RECORD,
  SLOT as SLOT_CHANGED,
  TRANSIENT,
  WARM_ACCOUNT,
  WARM_SLOT,
} from "./Journal";
import { Run } from "./Run";
import { replaceSlots, SLOT, SLOT_GIVEN, SLOT_KEPT, slotAt, slotCount, slots } from "./Slots";

/**
 * Takes them out; with `mayAsk` also what only the source can give again. True if anything went: indices are others then. Not
 * within a run, nor while one waits.
 */
export function forgetUnused(mayAsk: bool): bool {
  forgetAccesses();
  markNamed();
  const isAsking = mayAsk || Run.isWorldComplete;
  const slotsLeft = countSlots(isAsking);
  const accountsLeft = countAccounts(isAsking);
  const hasUnused = slotsLeft < slotCount() || accountsLeft < accountCount();
  if (hasUnused) {
    numberKept();
    renumberNames();
    moveSlots();
    moveAccounts();
    replaceAccounts(accountsLeft);
    replaceSlots(slotsLeft);
  }
  clearMarks();
  return hasUnused;
}

// What was accessed, and what was transient, is void with the run that did it.
function forgetAccesses(): void {
  for (let at = journal.start; at < journal.start + journal.length; at += RECORD) {
    const record = changetype<Record>(at);
    const kind = record.kind;
    if (kind == WARM_ACCOUNT || kind == WARM_SLOT || kind == TRANSIENT) record.kind = NOTHING;
  }
}

function markNamed(): void {
  for (let at = journal.start; at < journal.start + journal.length; at += RECORD) {
    const record = changetype<Record>(at);
    if (record.kind == SLOT_CHANGED) slotAt(record.index).kept |= SLOT_KEPT;
    else if (isAboutAccount(record.kind)) accountAt(record.index).isKept = 1;
  }
}

@inline
function isAboutAccount(kind: u32): bool {
  return kind == BALANCE || kind == NONCE || kind == CODE || kind == LIFE;
}

/** Slots that stay; they keep their accounts. */
function countSlots(isAsking: bool): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < slotCount(); i++) {
    const slot = slotAt(i);
    const owner = accountAt(slot.account);
    // One of an access list may not be known: nothing is lost with it.
    if (!isAsking && slot.isLoaded != 0 && (owner.flags & STORAGE_COMPLETE) == 0) slot.kept |= SLOT_KEPT;
    if (slot.kept == 0) continue;
    owner.isKept = 1;
    count++;
  }
  return count;
}

function countAccounts(isAsking: bool): u32 {
  const keeping = GIVEN | WATCHED | (isAsking ? 0 : LOADED);
  let count: u32 = 0;
  for (let i: u32 = 0; i < accountCount(); i++) {
    if ((accountAt(i).flags & keeping) != 0) accountAt(i).isKept = 1;
    count += accountAt(i).isKept;
  }
  return count;
}

/** Writes their new index into those that stay, where their lists stood: these are made anew. */
function numberKept(): void {
  let next: u32 = 0;
  for (let i: u32 = 0; i < accountCount(); i++) if (accountAt(i).isKept != 0) accountAt(i).slots = next++;
  next = 0;
  for (let i: u32 = 0; i < slotCount(); i++) if (slotAt(i).kept != 0) slotAt(i).next = next++;
}

function renumberNames(): void {
  for (let at = journal.start; at < journal.start + journal.length; at += RECORD) {
    const record = changetype<Record>(at);
    if (record.kind == SLOT_CHANGED) record.index = slotAt(record.index).next;
    else if (isAboutAccount(record.kind)) record.index = accountAt(record.index).slots;
  }
  if (!Cheats.isOn) return;
  Cheats.vm = accountAt(Cheats.vm).slots;
  Cheats.console = accountAt(Cheats.console).slots;
}

// Both go towards the begin, over what has gone already.
function moveSlots(): void {
  for (let i: u32 = 0; i < slotCount(); i++) {
    const slot = slotAt(i);
    if (slot.kept == 0) continue;
    slot.account = accountAt(slot.account).slots;
    memory.copy(slots.start + slot.next * SLOT, changetype<usize>(slot), SLOT);
  }
}

function moveAccounts(): void {
  for (let i: u32 = 0; i < accountCount(); i++) {
    const account = accountAt(i);
    if (account.isKept == 0) continue;
    const to = accounts.start + account.slots * ACCOUNT;
    account.slots = 0;
    account.filledSlots = 0;
    memory.copy(to, changetype<usize>(account), ACCOUNT);
  }
}

function clearMarks(): void {
  for (let i: u32 = 0; i < accountCount(); i++) accountAt(i).isKept = 0;
  for (let i: u32 = 0; i < slotCount(); i++) slotAt(i).kept &= SLOT_GIVEN;
}
