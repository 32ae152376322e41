// vm.expectRevert: the next call of a frame has to revert, and is told to have succeeded if it does.
import { Cheats } from "./Cheats";
import { depth, Frame, keepReturned, memoryStart, ReturnData, returned } from "./Frame";
import { hasRoom, Region } from "./Region";
import { REVERTED, SUCCESS } from "./status";
import { setLimb } from "./word";

/** What the call has to revert with. */
const expected: Region = changetype<Region>(memory.data(16, 8));
/** The output of a cheat code that failed. */
export const complaint: Region = changetype<Region>(memory.data(16, 8));
/** Foundry's CheatcodeError(string), and Solidity's Error(string), as they lie in memory. */
const CHEATCODE_ERROR: u32 = 0x6f9eaaee;
const ERROR: u32 = 0xa079c308;
// What Foundry gives as the output of a call that reverted as expected, so that any result can be decoded from it.
const DUMMY_BYTES: u32 = 8192;
const dummy: usize = memory.data(8192, 16);

/** What the caller is told of a call. */
export class Verdict {
  static told: u32 = 0;
  static output: usize = 0;
  static length: u32 = 0;
}

/** The frame's next call has to revert, with `length` bytes at `reason` if that is not 0. False if memory is exhausted. */
export function expect(hasReason: bool, reason: usize, length: u32): bool {
  Cheats.expecting = depth() + 1;
  Cheats.hasReason = hasReason;
  expected.length = 0;
  if (!hasRoom(expected, length)) return false;
  memory.copy(expected.start, reason, length);
  expected.length = length;
  return true;
}

/** CheatcodeError(text) as bytes. */
export function complain(text: string): void {
  complaint.length = 0;
  const letters = <u32>text.length;
  const size = 68 + ((letters + 31) & ~31);
  if (!hasRoom(complaint, size)) return;
  memory.fill(complaint.start, 0, size);
  store<u32>(complaint.start, CHEATCODE_ERROR);
  store<u8>(complaint.start, 32, 35);
  store<u8>(complaint.start, <u8>letters, 67);
  for (let i: u32 = 0; i < letters; i++) {
    store<u8>(complaint.start + 68 + i, load<u8>(changetype<usize>(text) + i * 2));
  }
  complaint.length = size;
}

/** The frame on top ends: gives the status that it ends with, and in `Verdict` what its caller is told. */
export function judgeFrame(status: u32, output: usize, length: u32): u32 {
  tell(status, output, length);
  let now = status;
  // It expected a revert, and made no call any more.
  if (Cheats.expecting == depth() + 1) {
    Cheats.expecting = 0;
    if (status == SUCCESS) {
      complain("next call did not revert as expected");
      tell(REVERTED, complaint.start, complaint.length);
      now = REVERTED;
    }
  }
  if (Cheats.expecting == 0 || Cheats.expecting != depth()) return now;
  return judge(now, Verdict.output, Verdict.length);
}

/** A call of the frame on top has ended that began no frame: its result is on the stack, its output in `returned`. */
export function judgeCall(frame: Frame, status: u32, outputAt: u32, outputLength: u32): void {
  if (Cheats.expecting != depth() + 1) return;
  judge(status, returned.start, ReturnData.length);
  setLimb(frame.sp, Verdict.told == SUCCESS ? 1 : 0);
  keepReturned(Verdict.output, Verdict.length);
  const bytes = min<u32>(Verdict.length, outputLength);
  if (bytes > 0) memory.copy(memoryStart(frame) + outputAt, returned.start, bytes);
}

function judge(status: u32, output: usize, length: u32): u32 {
  Cheats.expecting = 0;
  if (status == SUCCESS) complain("next call did not revert as expected");
  else if (isExpected(output, length)) {
    tell(SUCCESS, dummy, DUMMY_BYTES);
    return status;
  } else if (length == 0) complain("call reverted as expected, but without data");
  else complain("call reverted with other data than expected");
  tell(REVERTED, complaint.start, complaint.length);
  return status == SUCCESS ? REVERTED : status;
}

function tell(status: u32, output: usize, length: u32): void {
  Verdict.told = status;
  Verdict.output = output;
  Verdict.length = length;
}

/** The reason itself, or the text of an error that carries one. */
function isExpected(output: usize, length: u32): bool {
  if (!Cheats.hasReason) return true;
  if (isSame(output, length)) return true;
  if (length < 68 || (load<u32>(output) != ERROR && load<u32>(output) != CHEATCODE_ERROR)) return false;
  // The offset and the length of the text are words; what does not fit 32 bits is no text.
  const letters = bswap<u32>(load<u32>(output, 64));
  return letters <= length - 68 && isSame(output + 68, letters);
}

@inline
function isSame(bytes: usize, length: u32): bool {
  return length == expected.length && memory.compare(bytes, expected.start, length) == 0;
}
