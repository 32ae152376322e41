import type { CallFrame, FrameType } from "@testudo/core/model/BlockBundle";
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
import { DEPTH_MAX } from "./parseTrace.ts";

const zeroAddress: Address = `0x${"0".repeat(40)}`;

/** A frame while its calls are still being added. */
type OpenFrame = Omit<CallFrame, "calls"> & { readonly calls: CallFrame[] };

/**
 * Reads the answer of trace_block: a flat list of frames, each with its path in the tree. Returns one tree for each of
 * `txHashes`; the frames have no logs. Undefined when a transaction has no frames. Rewards are left out. trace_block is asked by
 * number, so every frame has to name `blockHash`.
 */
export function parseFlatTraces(
  value: unknown,
  blockHash: Hex,
  txHashes: readonly Hex[],
  source: Source,
): CallFrame[] | undefined {
  const indexOf = new Map(txHashes.map((hash, i) => [hash, i]));
  // Filled: `every` passes over holes.
  const roots = new Array<OpenFrame | undefined>(txHashes.length).fill(undefined);
  for (const item of toList(source, "traces", value)) {
    const flat = toFields(source, "trace", item);
    if (flat.type === "reward") continue;
    const hash = toHash(source, "trace.transactionHash", flat.transactionHash);
    if (flat.blockHash !== blockHash) return refuse(source, "trace.blockHash", flat.blockHash, blockHash);
    const index = indexOf.get(hash);
    if (index === undefined) return refuse(source, "trace.transactionHash", hash, "a transaction of the block");
    if (!isEmptyEnd(flat)) place(roots, index, flat, source);
  }
  return roots.every((root) => root !== undefined) ? roots : undefined;
}

// The same as a frame of callTracer without addresses (parseTrace.ts). It is the last of its siblings.
function isEmptyEnd({ type, action }: Fields): boolean {
  if ((type !== "suicide" && type !== "selfdestruct") || typeof action !== "object" || action === null) return false;
  const { address, balance } = action as Fields;
  return address === zeroAddress && balance === "0x0";
}

// The list is in call order, so a frame's parent has come before it and its elder siblings too.
function place(roots: (OpenFrame | undefined)[], index: number, flat: Fields, source: Source): void {
  const steps = toList(source, "trace.traceAddress", flat.traceAddress);
  if (steps.length > DEPTH_MAX)
    refuse(source, "trace.traceAddress.length", steps.length, `at most ${DEPTH_MAX} calls deep`);
  const path = steps.map((n) => toNumber(source, "trace.traceAddress[]", n));
  const frame = toFrame(flat, source);
  if (path.length === 0) {
    roots[index] = frame;
    return;
  }
  let parent = roots[index];
  for (const step of path.slice(0, -1)) parent = parent?.calls[step] as OpenFrame | undefined;
  if (parent === undefined || parent.calls.length !== path.at(-1))
    refuse(source, "trace.traceAddress", path, "a path whose parent and elder siblings came before");
  else parent.calls.push(frame);
}

function toFrame(flat: Fields, source: Source): OpenFrame {
  const action = toFields(source, "trace.action", flat.action);
  const result = flat.result == null ? {} : toFields(source, "trace.result", flat.result);
  const error = typeof flat.error === "string" && flat.error !== "" ? { error: flat.error.slice(0, 256) } : {};
  switch (flat.type) {
    case "call":
      return { ...callOf(action, result, source), ...error, calls: [], logs: [] };
    case "create":
      return { ...creationOf(action, result, error.error !== undefined, source), ...error, calls: [], logs: [] };
    case "suicide":
    case "selfdestruct":
      return {
        type: "SELFDESTRUCT",
        from: toAddress(source, "trace.action.address", action.address),
        to: toAddress(source, "trace.action.refundAddress", action.refundAddress),
        value: toBigint(source, "trace.action.balance", action.balance),
        input: "0x",
        output: "0x",
        ...error,
        calls: [],
        logs: [],
      };
    default:
      return refuse(source, "trace.type", flat.type, "call, create, suicide or reward");
  }
}

const callTypes: { readonly [name: string]: FrameType } = {
  call: "CALL",
  staticcall: "STATICCALL",
  delegatecall: "DELEGATECALL",
  callcode: "CALLCODE",
};

function callOf(action: Fields, result: Fields, source: Source) {
  const type = callTypes[`${action.callType}`];
  if (type === undefined)
    return refuse(source, "trace.action.callType", action.callType, Object.keys(callTypes).join(", "));
  return {
    type,
    from: toAddress(source, "trace.action.from", action.from),
    to: toAddress(source, "trace.action.to", action.to),
    value: type === "DELEGATECALL" || type === "STATICCALL" ? 0n : toBigint(source, "trace.action.value", action.value),
    input: toBytes(source, "trace.action.input", action.input),
    output: result.output == null ? ("0x" as Hex) : toBytes(source, "trace.result.output", result.output),
  };
}

function creationOf(action: Fields, result: Fields, failed: boolean, source: Source) {
  const type: FrameType = `${action.creationMethod}`.toLowerCase() === "create2" ? "CREATE2" : "CREATE";
  return {
    type,
    from: toAddress(source, "trace.action.from", action.from),
    to: failed ? zeroAddress : toAddress(source, "trace.result.address", result.address),
    value: toBigint(source, "trace.action.value", action.value),
    input: toBytes(source, "trace.action.init", action.init),
    output: result.code == null ? ("0x" as Hex) : toBytes(source, "trace.result.code", result.code),
  };
}
