// The heart: one loop over decoded instructions. What is at work stands in locals; whatever needs the whole frame spills
// them, and takes them up again. Calls do not nest in WebAssembly's stack: a frame is data, so that a run can stop at any
// instruction, ask the host for state, and go on.
import { accountAt, addressAt, balanceAt, codeHashAt, isEmpty, needAccount, NO_ACCOUNT, warmAccount } from "../Accounts";
import {
  BASE_FEE,
  BLOB_BASE_FEE,
  blockHashAt,
  blockWords,
  CHAIN_ID,
  COINBASE,
  GAS_LIMIT,
  GAS_PRICE,
  NUMBER,
  ORIGIN,
  RANDOM,
  TIMESTAMP,
} from "../Block";
import { Blobs } from "../Blobs";
import { blockFailure } from "../blockFailure";
import { beginCall, CALL_KIND, CALLCODE_KIND, DELEGATECALL_KIND, STATICCALL_KIND } from "../call";
import { codeAt } from "../Code";
import { copyCallData, copyCode, copyForeignCode, copyMemory, copyReturnData, storeByte } from "../copy";
import { beginCreate, CREATE2_KIND, CREATE_KIND } from "../create";
import { jumpTarget } from "../keepDecoded";
import { endFrame, endWithOutput } from "../endFrame";
import { currentFrame, Frame, inputStart, memoryStart, ReturnData, spill } from "../Frame";
import { BLOCK_FIRST } from "./tables";
import { Heap } from "../Heap";
import { Hooks, LOADED_VALUE, recordComparison, recordEdge, recordStorage, STORED_VALUE } from "../Hooks";
import { keccak64, keccakKept } from "../keccak";
import { writeLog } from "../Log";
import { extend, extendedSize } from "../memory";
import { Run } from "../Run";
import { runFirst } from "../runFirst";
import { selfDestruct } from "../selfDestruct";
import { needSlot, NO_SLOT, setSlot, valueAt, warmSlot } from "../Slots";
import { costOfStore } from "../costOfStore";
import {
  CONTINUE,
  ENTER,
  FAIL,
  FAULT,
  GROW,
  INVALID_JUMP,
  INVALID_OPCODE,
  MISS,
  OUT_OF_GAS,
  RETURN,
  REVERT,
  REVERTED,
  STOP,
  SUCCESS,
  WRITE_PROTECTION,
  YIELD,
} from "../status";
import { setTransient, transientAt } from "../Transient";
import { expWord, bytesOfExponent, mulWord } from "../multiply";
import { addmodWord, divWord, modWord, mulmodWord, sdivWord, smodWord } from "../quotient";
import { byteWord, sarWord, shiftLeft, shiftRight, shlWord, shrWord, signextendWord } from "../shift";
import {
  addWord,
  copyWord,
  eqWord,
  leadingZeros,
  isZeroWord,
  loadBigEndian,
  ltWord,
  setLimb,
  sltWord,
  storeBigEndian,
  subWord,
} from "../word";
import { addSmall, andWord, fitsLong, isWide, notWord, orWord, swapWords, xorWord, zeroWord } from "../words";

const scratch: usize = memory.data(32, 16);
const zero: usize = memory.data(32, 16);

/** Blocks after which the loop is left and begun again: a millisecond's worth. */
const MOST_BLOCKS: i32 = 20_000;

/**
 * Runs the frame on top, and those below it, until the run is DONE, misses state (MISS) or memory (FAULT). An engine of
 * WebAssembly that compiles a function better while it runs takes the better code up at the next call of it, and not before:
 * without a pause one long run would stay in the slow code to its end.
 */
export function interpret(): i32 {
  let action = interpretSome();
  while (action == YIELD) action = interpretSome();
  return action;
}

function interpretSome(): i32 {
  let blocksLeft = MOST_BLOCKS;
  let frame = currentFrame();
  let ip = frame.ip;
  let sp = frame.sp;
  let gas = frame.gas;
  let memorySize = frame.memorySize;
  let heap = memoryStart(frame);
  let stack = frame.stack;
  let action: i32 = CONTINUE;
  let needed: u64 = 0;
  while (true) {
    switch (load<u16>(ip)) {
      // CASES
      default: {
        spill(frame, ip, sp, gas, memorySize);
        action = runRare(frame);
        sp = frame.sp;
        gas = frame.gas;
        memorySize = frame.memorySize;
        heap = memoryStart(frame);
        if (action == CONTINUE) {
          ip += 16;
          continue;
        }
      }
    }
    if (action == CONTINUE) {
      // A block begins: what it takes is paid for and there is room for what it leaves.
      if (--blocksLeft == 0) action = YIELD;
      else {
        const height = sp - stack;
        if (height - load<u16>(ip, 2) >= <usize>load<u16>(ip, 4)) {
          if (load<u16>(ip) == BLOCK_FIRST) {
            runFirst(ip, frame.code);
            continue;
          }
          Run.failure = blockFailure(ip, height);
          action = FAIL;
        } else {
          gas -= load<u32>(ip, 8);
          if (gas >= 0) {
            if (Hooks.edges) recordEdge(load<u32>(ip, 12));
            ip += 16;
            continue;
          }
          Run.failure = OUT_OF_GAS;
          action = FAIL;
        }
      }
    }
    if (action == GROW) {
      gas = extend(needed, memorySize, gas);
      if (gas >= 0) {
        memorySize = extendedSize();
        heap = memoryStart(frame);
        action = CONTINUE;
        continue;
      }
      Run.failure = OUT_OF_GAS;
      action = FAIL;
    }
    if (action == STOP) {
      spill(frame, ip, sp, gas, memorySize);
      action = endFrame(frame, SUCCESS, 0, 0);
    } else if (action == RETURN || action == REVERT) {
      spill(frame, ip, sp, gas, memorySize);
      action = endWithOutput(frame, action == RETURN ? SUCCESS : REVERTED);
    } else if (action == FAIL) {
      spill(frame, ip, sp, 0, memorySize);
      action = endFrame(frame, Run.failure, 0, 0);
    } else if (action == ENTER) {
      action = CONTINUE;
    } else {
      spill(frame, ip, sp, gas, memorySize);
    }
    if (Heap.isExhausted) return FAULT;
    if (action != CONTINUE) return action;
    frame = currentFrame();
    ip = frame.ip;
    sp = frame.sp;
    gas = frame.gas;
    memorySize = frame.memorySize;
    heap = memoryStart(frame);
    stack = frame.stack;
  }
}

/** What stands beside the loop, on a frame that is spilled. */
function runRare(frame: Frame): i32 {
  const ip = frame.ip;
  let sp = frame.sp;
  let gas = frame.gas;
  let memorySize = frame.memorySize;
  const heap = memoryStart(frame);
  let action: i32 = CONTINUE;
  switch (load<u16>(ip)) {
    // RARE CASES
    default: {
      Run.failure = INVALID_OPCODE;
      action = FAIL;
    }
  }
  spill(frame, ip, sp, gas, memorySize);
  return action;
}
