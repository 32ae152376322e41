import { type Address, type Hex, toAddress, toHex } from "./hex.ts";
import type { Machine } from "./Machine.ts";
import { type EngineLog, readLog } from "./readLogs.ts";
import { describeStatus, reverted, succeeded } from "./status.ts";

/** By the numbers of `assembly/call.ts` and `assembly/create.ts`. */
export const callKinds = [
  "CALL",
  "CALLCODE",
  "DELEGATECALL",
  "STATICCALL",
  "CREATE",
  "CREATE2",
  "SELFDESTRUCT",
] as const;
export type CallKind = (typeof callKinds)[number];
const zeroAddress: Address = `0x${"0".repeat(40)}`;
const entered = 1;
const left = 2;

/** A frame's log, with how many of the frame's calls began before it. */
export interface TracedLog extends EngineLog {
  readonly position: number;
}

/** One call of a run's tree, as geth's callTracer with logs tells it. Amounts in wei; `error` where the frame failed. */
export interface TracedCall {
  readonly type: CallKind;
  readonly from: Address;
  readonly to: Address;
  readonly value: bigint;
  readonly gas: bigint;
  readonly gasUsed: bigint;
  readonly input: Hex;
  readonly output: Hex;
  readonly error?: string;
  readonly calls: readonly TracedCall[];
  readonly logs: readonly TracedLog[];
}

interface OpenCall {
  readonly type: CallKind;
  readonly from: Address;
  readonly to: Address;
  readonly value: bigint;
  readonly gas: bigint;
  readonly input: Hex;
  readonly calls: TracedCall[];
  readonly logs: TracedLog[];
}

/** The tree of the last run; undefined where tracing was off, or nothing has run. */
export function readTrace(machine: Machine): TracedCall | undefined {
  const tree = readTraceWithFailedLogs(machine);
  return tree === undefined ? undefined : settle(tree, false);
}

/** The same with what frames logged that failed. `assembly/Trace.ts` lays the records out. */
export function readTraceWithFailedLogs(machine: Machine): TracedCall | undefined {
  const start = machine.calls.recordsStart(1) >>> 0;
  const end = start + (machine.calls.recordsLength(1) >>> 0);
  const data = machine.data();
  const open: OpenCall[] = [];
  for (let at = start; at < end; at += data.getUint32(at, true)) {
    const kind = data.getUint32(at + 4, true);
    const parent = open.at(-1);
    if (kind === entered) open.push(readEnter(machine, at));
    else if (kind === left) {
      const call = close(machine, at, open.pop()!);
      const outer = open.at(-1);
      if (outer === undefined) return call;
      outer.calls.push(call);
    } else parent!.logs.push({ ...readLog(machine, at + 8), position: parent!.calls.length });
  }
  return undefined;
}

function readEnter(machine: Machine, at: number): OpenCall {
  const data = machine.data();
  const type = callKinds[data.getUint32(at + 8, true)]!;
  const length = data.getUint32(at + 12, true);
  return {
    type,
    from: toAddress(machine.readWord(at + 24)),
    to: toAddress(machine.readWord(at + 56)),
    // Neither moves any: a delegate call only shows what its caller was given.
    value: type === "DELEGATECALL" || type === "STATICCALL" ? 0n : machine.readWord(at + 88),
    gas: data.getBigInt64(at + 16, true),
    input: toHex(machine.bytes().subarray(at + 120, at + 120 + length)),
    calls: [],
    logs: [],
  };
}

function close(machine: Machine, at: number, call: OpenCall): TracedCall {
  const data = machine.data();
  const status = data.getUint32(at + 8, true);
  const length = data.getUint32(at + 12, true);
  const gasUsed = data.getBigInt64(at + 16, true);
  const output = toHex(machine.bytes().subarray(at + 24, at + 24 + length));
  if (status === succeeded) return { ...call, gasUsed, output };
  const isCreation = call.type === "CREATE" || call.type === "CREATE2";
  return {
    ...call,
    to: isCreation ? zeroAddress : call.to,
    gasUsed,
    output: status === reverted ? output : "0x",
    error: describeStatus(status)!,
  };
}

/** Logs of a frame that failed never were, nor those of the frames in it. Once for the whole tree: each frame may have failed. */
function settle(call: TracedCall, isWithinFailure: boolean): TracedCall {
  const isSilent = isWithinFailure || call.error !== undefined;
  const calls = call.calls.map((inner) => settle(inner, isSilent));
  return { ...call, calls, logs: isSilent ? [] : call.logs };
}
