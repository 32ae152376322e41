// Assertions of the code under test: what a search hunts. They are seen where a frame ends or logs, so that no contract can
// hide one by catching it.
import { Hooks } from "./Hooks";
import { INVALID_OPCODE, REVERTED } from "./status";

/** The first topic of events that stand for a failed assertion. */
const topics: usize = memory.data(8 * 32, 16);
const MOST_TOPICS: u32 = 8;
class Topics {
  static count: u32 = 0;
}

/** Topic by topic, as bytes; false beyond the eighth. */
export function addAssertionTopic(topic: usize): bool {
  if (Topics.count == MOST_TOPICS) return false;
  memory.copy(topics + Topics.count * 32, topic, 32);
  Topics.count++;
  return true;
}

/** A frame ended with `status`, and `length` bytes at `output`. */
@inline
export function judgeEnd(status: u32, output: usize, length: u32): void {
  if (!Hooks.assertions) return;
  if (status == INVALID_OPCODE || (status == REVERTED && length == 36 && isPanic(output))) Hooks.failed++;
}

/** Panic(uint256) with 0x01. */
function isPanic(output: usize): bool {
  if (load<u32>(output) != 0x717b484e) return false;
  let high: u64 = load<u32>(output, 4);
  for (let at = output + 8; at < output + 32; at += 8) high |= load<u64>(at);
  return high == 0 && load<u32>(output, 32) == 0x01000000;
}

/** An event whose first topic stands at `topic`, as bytes. */
@inline
export function judgeLog(topic: usize): void {
  if (!Hooks.assertions) return;
  for (let i: u32 = 0; i < Topics.count; i++) {
    if (memory.compare(topics + i * 32, topic, 32) == 0) Hooks.failed++;
  }
}
