import { type Address, type Hex, toAddress, toHex } from "./hex.ts";
import type { Machine } from "./Machine.ts";

/** A log as contracts write it. */
export interface EngineLog {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

/** The logs of the run that stand, in their order. */
export function readLogs(machine: Machine): EngineLog[] {
  const start = machine.calls.recordsStart(0) >>> 0;
  const end = start + (machine.calls.recordsLength(0) >>> 0);
  const logs: EngineLog[] = [];
  for (let at = start; at < end; at += machine.data().getUint32(at, true)) logs.push(readLog(machine, at));
  return logs;
}

/** The log whose record begins at `at`; `assembly/Log.ts` says how it lies. */
export function readLog(machine: Machine, at: number): EngineLog {
  const data = machine.data();
  const bytes = machine.bytes();
  const count = data.getUint32(at + 4, true);
  const length = data.getUint32(at + 8, true);
  const topics = at + 48;
  const rest = topics + count * 32;
  return {
    address: toAddress(machine.readWord(at + 16)),
    topics: Array.from({ length: count }, (_, i) => toHex(bytes.subarray(topics + i * 32, topics + i * 32 + 32))),
    data: toHex(bytes.subarray(rest, rest + length)),
  };
}
