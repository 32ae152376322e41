import { Code, countDecoded, coverageBytes } from "./Code";
import { INSTRUCTION, offsets, output, pool } from "./Draft";
import { BLOCK_FIRST, JUMP_STATIC, JUMPI_STATIC, JUMPZ_STATIC, PUSH_WIDE, PUSH_WIDE_AND, SELECT } from "./generated/tables";
import { allocate, release } from "./Heap";
import { joinSequences } from "./joinSequences";
import { Open } from "./OpenBlock";

/** Where the instruction of a valid jump destination stands, or 0. */
export function jumpTarget(code: Code, offset: u32): usize {
  return offset < code.length ? load<u32>(code.jumps + offset * 4) : 0;
}

/** Gives what was decoded its place, and every address in it; false if memory is exhausted. */
export function keepDecoded(code: Code): bool {
  const size = output.length + pool.length;
  const instructions = allocate(size);
  const coverage = instructions == 0 ? 0 : allocate(coverageBytes(Open.count));
  if (coverage == 0) {
    release(instructions, size);
    return false;
  }
  memory.copy(instructions, output.start, output.length);
  memory.copy(instructions + output.length, pool.start, pool.length);
  memory.fill(coverage, 0, coverageBytes(Open.count));
  memory.copy(coverage + ((Open.count + 3) & ~3), offsets.start, Open.count * 4);
  for (let pc: u32 = 0; pc < code.length; pc++) {
    const place = code.jumps + pc * 4;
    if (load<u32>(place) != 0) store<u32>(place, <u32>instructions + load<u32>(place) - 1);
  }
  for (let at = instructions; at < instructions + output.length; at += INSTRUCTION) {
    const op: u32 = load<u16>(at);
    if (op == JUMP_STATIC || op == JUMPI_STATIC || op == JUMPZ_STATIC || op == SELECT) {
      store<u32>(at, <u32>jumpTarget(code, load<u32>(at, 4)), 4);
    } else if (op == PUSH_WIDE || op == PUSH_WIDE_AND) {
      store<u32>(at, <u32>instructions + output.length + load<u32>(at, 4), 4);
    } else if (op == BLOCK_FIRST) {
      store<u32>(at, <u32>coverage + load<u32>(at, 12), 12);
    }
  }
  joinSequences(instructions, instructions + output.length);
  code.instructionBytes = size;
  code.coverage = coverage;
  code.blocks = Open.count;
  code.instructions = instructions;
  countDecoded(code);
  return true;
}
