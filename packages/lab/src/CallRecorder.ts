// Builds the call tree of a run as geth's callTracer does. The engine tells when a message begins and ends; what it does
// not tell is seen at the operations themselves: which of them called, a call that fails before its message begins,
// where between the calls a log stands, and a self-destruct.

import type { Common } from "@ethereumjs/common";
import { type EVMOpts, type EVMResult, getOpcodesForHF, type Log, type Message } from "@ethereumjs/evm";
import type { CallFrame, FrameLog, FrameType } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { toHex } from "./bytes.ts";
import { describeFailure } from "./describeFailure.ts";

type CustomOpcode = NonNullable<EVMOpts["customOpcodes"]>[number];
type Operation = Extract<CustomOpcode, { logicFunction: unknown }>["logicFunction"];
type RunState = Parameters<Operation>[0];

/** A frame that is still open. */
interface OpenFrame {
  readonly type: FrameType;
  readonly from: Address;
  to: Address;
  readonly value: bigint;
  readonly input: Hex;
  readonly calls: CallFrame[];
  logs: FrameLog[];
}

export interface CallRecorder {
  /** Operations that tell the recorder what they do, for the engine to use instead of its own. */
  readonly operations: CustomOpcode[];
  /** Records from now on. */
  start(): void;
  /** The tree of the message that has ended, or undefined where none began. Records no longer. */
  finish(): CallFrame | undefined;
  /** Gives the position of the message among the calls of the one around it. */
  begin(message: Message): number;
  end(result: EVMResult): void;
}

const zeroAddress: Address = `0x${"0".repeat(40)}`;
const callsOf: { readonly [opcode: number]: FrameType } = {
  240: "CREATE",
  241: "CALL",
  242: "CALLCODE",
  244: "DELEGATECALL",
  245: "CREATE2",
  250: "STATICCALL",
};
const selfDestruct = 0xff;
const logs = [0xa0, 0xa1, 0xa2, 0xa3, 0xa4];

/** Makes a recorder for an engine with the rules of `common`. */
export function createCallRecorder(common: Common): CallRecorder {
  const open: OpenFrame[] = [];
  let done: CallFrame | undefined;
  let isOn = false;
  // What the operation that runs now is, until its message takes it.
  let calling: FrameType | undefined;

  function close(error: string | undefined, output: Hex): void {
    const frame = open.pop();
    if (frame === undefined) return;
    const closed = closedFrame(frame, error, output);
    const parent = open.at(-1);
    if (parent === undefined) done = closed;
    else parent.calls.push(closed);
  }

  const wrap: Record<"call" | "log" | "selfDestruct", (plain: Operation, opcode: number) => Operation> = {
    call: (plain, opcode) => async (state, rules) => {
      if (!isOn) return plain(state, rules);
      const frame = open.at(-1)!;
      const before = frame.calls.length;
      const attempt = attemptOf(callsOf[opcode]!, state);
      calling = attempt.type;
      await plain(state, rules);
      calling = undefined;
      if (frame.calls.length > before) return;
      // The message never began: the caller could not pay, or is as deep as calls go.
      const isPoor = state.env.contract.balance < attempt.value;
      const error = isPoor ? "insufficient balance for transfer" : "max call depth exceeded";
      frame.calls.push(closedFrame({ ...attempt, input: attempt.input() }, error, "0x"));
    },
    log: (plain) => (state, rules) => {
      plain(state, rules);
      if (!isOn) return;
      const [address, topics, data] = state.interpreter._result.logs.at(-1) as Log;
      const frame = open.at(-1)!;
      frame.logs.push({
        address: toHex(address),
        topics: topics.map(toHex),
        data: toHex(data),
        position: frame.calls.length,
      });
    },
    selfDestruct: (plain) => (state, rules) => {
      if (isOn) open.at(-1)!.calls.push(selfDestructOf(state));
      return plain(state, rules);
    },
  };

  const known = getOpcodesForHF(common);
  const operation = (opcode: number, wrapper: (plain: Operation, opcode: number) => Operation): CustomOpcode[] => {
    const info = known.opcodes.get(opcode);
    if (info === undefined) return [];
    const gasFunction = known.dynamicGasHandlers.get(opcode);
    const logicFunction = wrapper(known.handlers.get(opcode)!, opcode);
    return [
      {
        opcode,
        opcodeName: info.name,
        baseFee: info.fee,
        ...(gasFunction && info.dynamicGas ? { gasFunction } : {}),
        logicFunction,
      },
    ];
  };

  return {
    operations: [
      ...Object.keys(callsOf).flatMap((opcode) => operation(Number(opcode), wrap.call)),
      ...logs.flatMap((opcode) => operation(opcode, wrap.log)),
      ...operation(selfDestruct, wrap.selfDestruct),
    ],
    start() {
      open.length = 0;
      done = undefined;
      calling = undefined;
      isOn = true;
    },
    finish() {
      isOn = false;
      return done;
    },
    begin(message) {
      const position = open.at(-1)?.calls.length ?? 0;
      if (isOn) open.push(openFrame(message, calling ?? (message.to === undefined ? "CREATE" : "CALL")));
      if (isOn) calling = undefined;
      return position;
    },
    end({ execResult, createdAddress }) {
      if (!isOn) return;
      const error = execResult.exceptionError && describeFailure(execResult.exceptionError.error);
      const frame = open.at(-1)!;
      if (frame.type === "CREATE" || frame.type === "CREATE2")
        frame.to = error === undefined && createdAddress !== undefined ? toHex(createdAddress.bytes) : zeroAddress;
      const isSaid = error === undefined || error === "execution reverted";
      close(error, isSaid ? toHex(execResult.returnValue) : "0x");
    },
  };
}

function openFrame(message: Message, type: FrameType): OpenFrame {
  // Code run by delegation works for the address that the message is to, and is found at another one.
  const isBorrowed = type === "DELEGATECALL" || type === "CALLCODE";
  const self = message.to === undefined ? zeroAddress : toHex(message.to.bytes);
  return {
    type,
    from: isBorrowed ? self : toHex(message.caller.bytes),
    to: isBorrowed ? toHex(message.codeAddress.bytes) : self,
    value: type === "DELEGATECALL" || type === "STATICCALL" ? 0n : message.value,
    input: toHex(message.data),
    calls: [],
    logs: [],
  };
}

function closedFrame(frame: OpenFrame, error: string | undefined, output: Hex): CallFrame {
  const { type, from, to, value, input, calls } = frame;
  // Logs of a frame that failed never were, nor those of the frames in it.
  if (error !== undefined) return { type, from, to, value, input, output, error, calls: calls.map(silent), logs: [] };
  return { type, from, to, value, input, output, calls, logs: frame.logs };
}

function silent(frame: CallFrame): CallFrame {
  return { ...frame, calls: frame.calls.map(silent), logs: [] };
}

/** What an operation is about to call, read from its stack; its input is still in memory after a call that never began. */
function attemptOf(type: FrameType, { env, stack, memory }: RunState): Omit<OpenFrame, "input"> & { input(): Hex } {
  const frame = { type, from: toHex(env.address.bytes), calls: [], logs: [] };
  const input = (offset: bigint, length: bigint) => () =>
    length === 0n ? "0x" : toHex(memory.read(Number(offset), Number(length)));
  if (type === "CREATE" || type === "CREATE2") {
    const [value, offset, length] = stack.peek(3) as [bigint, bigint, bigint];
    return { ...frame, to: zeroAddress, value, input: input(offset, length) };
  }
  const hasValue = type === "CALL" || type === "CALLCODE";
  const words = stack.peek(hasValue ? 5 : 4);
  const [offset, length] = words.slice(-2) as [bigint, bigint];
  return { ...frame, to: toAddress(words[1]!), value: hasValue ? words[2]! : 0n, input: input(offset, length) };
}

function selfDestructOf({ env, stack }: RunState): CallFrame {
  const [heir] = stack.peek(1) as [bigint];
  return {
    type: "SELFDESTRUCT",
    from: toHex(env.address.bytes),
    to: toAddress(heir),
    value: env.contract.balance,
    input: "0x",
    output: "0x",
    calls: [],
    logs: [],
  };
}

function toAddress(word: bigint): Address {
  return `0x${(word & ((1n << 160n) - 1n)).toString(16).padStart(40, "0")}`;
}
