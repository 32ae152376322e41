import type { CallFrame, FrameLog, FrameType } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import {
  type Fields,
  refuse,
  type Source,
  toAddress,
  toBigint,
  toBytes,
  toFields,
  toHash,
  toList,
  toNumber,
} from "./parseField.ts";
import { parseTopics } from "./parseLogs.ts";

const zeroAddress: Address = `0x${"0".repeat(40)}`;
/** The EVM allows 1024 calls deep; a deeper answer is made up, and would exhaust our stack. */
export const DEPTH_MAX = 1100;

const types: ReadonlySet<string> = new Set<FrameType>([
  "CALL",
  "STATICCALL",
  "DELEGATECALL",
  "CALLCODE",
  "CREATE",
  "CREATE2",
  "SELFDESTRUCT",
]);

/**
 * Reads the answer of debug_traceBlockByHash with callTracer: one tree for each of `txHashes`, in their order.
 * Undefined when the node could not trace one of them.
 */
export function parseBlockTraces(value: unknown, txHashes: readonly Hex[], source: Source): CallFrame[] | undefined {
  const list = toList(source, "traces", value);
  if (list.length !== txHashes.length) return refuse(source, "traces.length", list.length, `${txHashes.length}`);
  const frames: CallFrame[] = [];
  for (const [i, item] of list.entries()) {
    const { txHash, result, error } = toFields(source, `traces[${i}]`, item);
    if (txHash !== undefined && toHash(source, `traces[${i}].txHash`, txHash) !== txHashes[i])
      return refuse(source, `traces[${i}].txHash`, txHash, txHashes[i]!);
    if (error !== undefined || result === undefined || result === null) return undefined;
    frames.push(parseFrame(result, source));
  }
  return frames;
}

/**
 * Reads one tree of callTracer. Nodes differ, so: a creation that failed has the zero address as `to`; DELEGATECALL and
 * STATICCALL carry no value (geth leaves it out, anvil repeats the caller's); the revert reason follows the error.
 */
export function parseFrame(value: unknown, source: Source): CallFrame {
  return readFrame(value, source, 0, new Map());
}

/**
 * The addresses of a tree that were read, as they stood. A tree names few, over and over: each is checked once, and all that
 * look for one later compare the same string with itself.
 */
type ReadAddresses = Map<unknown, Address>;

function readFrame(value: unknown, source: Source, depth: number, known: ReadAddresses): CallFrame {
  const frame = toFields(source, "frame", value);
  if (depth > DEPTH_MAX) return refuse(source, "frame.calls", depth, `at most ${DEPTH_MAX} calls deep`);
  const type = parseType(frame.type, source);
  const error = parseError(frame, source);
  return {
    type,
    from: readAddress(source, "frame.from", frame.from, known),
    to: parseTo(frame, type, error, source, known),
    value: type === "DELEGATECALL" || type === "STATICCALL" ? 0n : parseValue(frame.value, source),
    input: frame.input === undefined ? "0x" : toBytes(source, "frame.input", frame.input),
    output: frame.output == null ? "0x" : toBytes(source, "frame.output", frame.output),
    ...(error === undefined ? {} : { error }),
    calls:
      frame.calls == null
        ? []
        : toList(source, "frame.calls", frame.calls)
            .filter((call) => !isEmptyEnd(call))
            .map((call) => readFrame(call, source, depth + 1, known)),
    logs: frame.logs == null ? [] : toList(source, "frame.logs", frame.logs).map((log) => parseFrameLog(log, source)),
  };
}

// An account that destroys itself in its own favour changes nothing from Cancun on, and anvil gives a frame without
// addresses for it. Anyone can make one, and it must not stop the stream.
function isEmptyEnd(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { type, to, value: amount } = value as Fields;
  return (type === "SELFDESTRUCT" || type === "SUICIDE") && to == null && (amount == null || amount === "0x0");
}

function parseType(value: unknown, source: Source): FrameType {
  const type = value === "SUICIDE" ? "SELFDESTRUCT" : value;
  if (typeof type === "string" && types.has(type)) return type as FrameType;
  return refuse(source, "frame.type", value, [...types].join(", "));
}

function readAddress(source: Source, field: string, value: unknown, known: ReadAddresses): Address {
  const before = known.get(value);
  if (before !== undefined) return before;
  const address = toAddress(source, field, value);
  known.set(value, address);
  return address;
}

function parseTo(
  frame: Fields,
  type: FrameType,
  error: string | undefined,
  source: Source,
  known: ReadAddresses,
): Address {
  if (frame.to != null) return readAddress(source, "frame.to", frame.to, known);
  if (error !== undefined && (type === "CREATE" || type === "CREATE2")) return zeroAddress;
  return refuse(source, "frame.to", frame.to, "an address, except for a creation that failed");
}

function parseValue(value: unknown, source: Source): bigint {
  return value == null ? 0n : toBigint(source, "frame.value", value);
}

function parseError(frame: Fields, source: Source): string | undefined {
  if (frame.error == null || frame.error === "") return undefined;
  if (typeof frame.error !== "string") return refuse(source, "frame.error", frame.error, "a text");
  const reason = typeof frame.revertReason === "string" && frame.revertReason !== "" ? `: ${frame.revertReason}` : "";
  // The reason is written by whoever wrote the contract.
  return `${frame.error}${reason}`.slice(0, 256);
}

function parseFrameLog(value: unknown, source: Source): FrameLog {
  const log = toFields(source, "frame.logs[]", value);
  return {
    address: toAddress(source, "frame.logs[].address", log.address),
    topics: parseTopics(log.topics, source),
    data: log.data == null ? "0x" : toBytes(source, "frame.logs[].data", log.data),
    ...(log.position == null ? {} : { position: toNumber(source, "frame.logs[].position", log.position) }),
  };
}
