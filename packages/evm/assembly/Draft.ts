// What is written while a code is decoded: it gets its place, and addresses in it, once all of it is there.
import { Code } from "./Code";
import { wide } from "./Constant";
import { hasRoom, Region, trim } from "./Region";

export const INSTRUCTION: u32 = 16;

/** Instructions; constants of 32 bytes that they point at; the offset in the code of each basic block. */
export const output: Region = changetype<Region>(memory.data(16, 8));
export const pool: Region = changetype<Region>(memory.data(16, 8));
export const offsets: Region = changetype<Region>(memory.data(16, 8));

/** Room for all that may be written of the code; false if memory is exhausted. */
export function reserveFor(code: Code): bool {
  output.length = 0;
  pool.length = 0;
  offsets.length = 0;
  // Each byte is one operation at most, with a block before it and one comparison.
  if (!hasRoom(output, (code.length + 2) * 3 * INSTRUCTION)) return false;
  // A constant that does not fit 64 bits takes eight bytes of code or more, as the shortest mask does, and 32 here.
  return hasRoom(pool, (code.length / 8 + 1) * 32) && hasRoom(offsets, (code.length + 2) * 4);
}

/** Gives back what decoding worked in. */
export function trimDecoder(): void {
  trim(output);
  trim(pool);
  trim(offsets);
}

export function write(op: u32, address: u32, number: u64): void {
  const at = output.start + output.length;
  output.length += INSTRUCTION;
  store<u64>(at, op);
  store<u32>(at, address, 4);
  store<u64>(at, number, 8);
}

/** Writes an instruction with the constant that was read last. */
export function writeWide(instruction: u32): void {
  memory.copy(pool.start + pool.length, wide, 32);
  // Its address is known once the pool has its place.
  write(instruction, pool.length, 0);
  pool.length += 32;
}
