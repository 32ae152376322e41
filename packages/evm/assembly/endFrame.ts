import { addressAt, setCode } from "./Accounts";
import { judgeEnd } from "./Assertion";
import { putCode } from "./Code";
import { Cheats } from "./Cheats";
import { fail } from "./copy";
import { CREATE_KIND } from "./create";
import { depth, dropFrame, Frame, keepReturned, memoryStart, ReturnData, returned } from "./Frame";
import { judgeFrame, Verdict } from "./expectRevert";
import { flows } from "./Hooks";
import { logs } from "./Log";
import { reach } from "./memory";
import { restoreOrigin } from "./prank";
import { rollback } from "./rollback";
import { Run } from "./Run";
import {
  CODE_BEGINS_WITH_EF,
  CODE_STORE_OUT_OF_GAS,
  CODE_TOO_LARGE,
  CONTINUE,
  DONE,
  OUT_OF_GAS,
  REVERTED,
  SUCCESS,
} from "./status";
import { traceLeave } from "./Trace";
import { copyWord, setLimb } from "./word";

/** EIP-170. */
const MOST_CODE: u32 = 24_576;
const hash: usize = memory.data(32, 16);

/** RETURN and REVERT: the output is what the two words on top of the stack say. */
export function endWithOutput(frame: Frame, status: u32): i32 {
  const sp = frame.sp;
  if (!reach(frame, sp, sp - 32)) {
    frame.gas = 0;
    return endFrame(frame, OUT_OF_GAS, 0, 0);
  }
  const length = load<u32>(sp - 32);
  return endFrame(frame, status, length == 0 ? 0 : memoryStart(frame) + load<u32>(sp), length);
}

/** Ends the frame on top: keeps or takes back what it wrote, and hands gas, output and success to its caller. */
export function endFrame(frame: Frame, wanted: u32, output: usize, length: u32): i32 {
  const isCreation = frame.kind >= CREATE_KIND;
  let status = isCreation && wanted == SUCCESS ? deposit(frame, output, length) : wanted;
  // What the caller is told: something else only where it expected a revert.
  let told = status;
  let toldAt = output;
  let toldLength = length;
  if (Cheats.isOn) {
    status = judgeFrame(status, output, length);
    told = Verdict.told;
    toldAt = Verdict.output;
    toldLength = Verdict.length;
    restoreOrigin(frame);
  }
  if (status != SUCCESS) {
    judgeEnd(status, output, length);
    rollback(frame.journalMark);
    logs.length = frame.logMark;
    flows.length = frame.flowMark;
    Run.refund = frame.refundMark;
    if (status != REVERTED) frame.gas = 0;
  }
  traceLeave(status, frame.gasAtStart - frame.gas, output, status <= REVERTED ? length : 0);
  const isOutermost = depth() == 0;
  if (told > REVERTED || (isCreation && told == SUCCESS && !isOutermost)) keepReturned(0, 0);
  else keepReturned(toldAt, toldLength);
  if (isOutermost) {
    Run.status = status;
    return DONE;
  }
  const caller = dropFrame();
  caller.gas += frame.gas;
  caller.sp += 32;
  if (isCreation) {
    if (status == SUCCESS) copyWord(caller.sp, addressAt(frame.self));
    // Foundry gives address 1 for a creation that failed as expected.
    else setLimb(caller.sp, told == SUCCESS ? 1 : 0);
    return CONTINUE;
  }
  setLimb(caller.sp, told == SUCCESS ? 1 : 0);
  const bytes = min<u32>(ReturnData.length, frame.outputLength);
  if (bytes == 32) copyWord(memoryStart(caller) + frame.output, returned.start);
  else if (bytes > 0) memory.copy(memoryStart(caller) + frame.output, returned.start, bytes);
  return CONTINUE;
}

/** Stores the code that a creation returned. */
function deposit(frame: Frame, code: usize, length: u32): u32 {
  if (length > MOST_CODE) return CODE_TOO_LARGE;
  // EIP-3541.
  if (length > 0 && load<u8>(code) == 0xef) return CODE_BEGINS_WITH_EF;
  const cost = <i64>length * 200;
  if (cost > frame.gas) return CODE_STORE_OUT_OF_GAS;
  frame.gas -= cost;
  if (length > 0) {
    const index = putCode(code, length, hash);
    if (index != 0) setCode(frame.self, index, hash);
  }
  return SUCCESS;
}
