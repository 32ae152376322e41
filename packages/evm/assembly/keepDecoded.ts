import { Code, codeAt, countDecoded, coverageBytes, formOf } from "./Code";
import { INSTRUCTION, offsets, output, pool } from "./Draft";
import { BLOCK_FIRST, JUMP_STATIC, JUMPI_STATIC, JUMPZ_STATIC, PUSH_WIDE, PUSH_WIDE_AND, SELECT } from "./generated/tables";
import { allocate, blockSize, release } from "./Heap";
import { joinSequences } from "./joinSequences";
import { openBlock } from "./runFirst";
import { Open } from "./OpenBlock";

/** Where the instruction of a valid jump destination stands, or 0. */
export function jumpTarget(code: Code, offset: u32): usize {
  return offset < code.length ? load<u32>(formOf(code).jumps + offset * 4) : 0;
}

/** Gives what was decoded its place, and every address in it; false if memory is exhausted. */
export function keepDecoded(index: u32): bool {
  const code = codeAt(index);
  const form = formOf(code);
  const size = output.length + pool.length;
  const instructions = allocate(size);
  if (instructions == 0) return false;
  if (!hasCoverage(code)) {
    release(instructions, size);
    return false;
  }
  const coverage = code.coverage;
  memory.copy(instructions, output.start, output.length);
  memory.copy(instructions + output.length, pool.start, pool.length);
  for (let pc: u32 = 0; pc < code.length; pc++) {
    const place = form.jumps + pc * 4;
    if (load<u32>(place) != 0) store<u32>(place, <u32>instructions + load<u32>(place) - 1);
  }
  for (let at = instructions; at < instructions + output.length; at += INSTRUCTION) {
    const op: u32 = load<u16>(at);
    if (op == JUMP_STATIC || op == JUMPI_STATIC || op == JUMPZ_STATIC || op == SELECT) {
      store<u32>(at, <u32>jumpTarget(code, load<u32>(at, 4)), 4);
    } else if (op == PUSH_WIDE || op == PUSH_WIDE_AND) {
      store<u32>(at, <u32>instructions + output.length + load<u32>(at, 4), 4);
    } else if (op == BLOCK_FIRST) {
      const byte = coverage + load<u32>(at, 12);
      store<u32>(at, <u32>byte, 12);
      if (load<u8>(byte) != 0) openBlock(at, code, index);
    }
  }
  joinSequences(instructions, instructions + output.length);
  form.instructionBytes = size;
  form.instructions = instructions;
  countDecoded(blockSize(size) + blockSize(code.length * 4));
  return true;
}

/** Both forms of a code have the same blocks, and note them in one place; false if memory is exhausted. */
function hasCoverage(code: Code): bool {
  if (code.coverage != 0) return true;
  const bytes = coverageBytes(Open.count);
  const coverage = allocate(bytes);
  if (coverage == 0) return false;
  memory.fill(coverage, 0, bytes);
  memory.copy(coverage + ((Open.count + 3) & ~3), offsets.start, Open.count * 4);
  code.coverage = coverage;
  code.blocks = Open.count;
  countDecoded(blockSize(bytes));
  return true;
}
