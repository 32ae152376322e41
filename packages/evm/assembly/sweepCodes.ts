// Codes that nothing refers to any more: init code that has run, contracts that were created and taken back. Who has a code's
// index is an account, a record of the journal, or a frame at work; nobody else keeps one while a code is added or decoded.
import { accountAt, accountCount } from "./Accounts";
import { areCodesLarge, areCodesMany, dropUnmarked, forgetDecodedUnmarked, forgetOtherForms, keepCodes, markCode } from "./Code";
import { depth, frameAt } from "./Frame";
import { CODE, journal, Record, RECORD } from "./Journal";

/** Takes out all codes that nothing refers to. `atHand` is about to run and in no frame yet; 0 for none. */
export function sweepCodes(atHand: u32): void {
  for (let i: u32 = 0; i < accountCount(); i++) markCode(accountAt(i).code);
  for (let at = journal.start; at < journal.start + journal.length; at += RECORD) {
    const record = changetype<Record>(at);
    if (record.kind == CODE) markCode(<u32>record.number);
  }
  markRunning(atHand);
  dropUnmarked();
  keepCodes();
}

/**
 * Makes room within a run, which may create, or call, more code than memory holds. If all of it is referred to, the form goes that
 * this run takes no code in, and then what was decoded, to be decoded again when it runs, but for the frames at work, whose
 * instructions stand in it.
 */
export function makeRoomForCode(atHand: u32): void {
  sweepCodes(atHand);
  if (!areCodesLarge()) return;
  forgetOtherForms();
  keepCodes();
  if (!areCodesMany()) return;
  markRunning(atHand);
  forgetDecodedUnmarked();
  keepCodes();
}

function markRunning(atHand: u32): void {
  markCode(atHand);
  for (let i: u32 = 0; i <= depth(); i++) markCode(frameAt(i).code);
}
