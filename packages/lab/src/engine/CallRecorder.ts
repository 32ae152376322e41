// Builds the call tree of a run as geth's callTracer does. The engine tells when a message begins and ends; what it does
// not tell is seen at the operations themselves: which of them called, a call that fails before its message begins,
// where between the calls a log stands, a self-destruct, and code that was returned and could not be paid for.

import type { Common } from "@ethereumjs/common";
import { type EVMOpts, type EVMResult, getOpcodesForHF, type Log, type Message } from "@ethereumjs/evm";
import type { FrameType } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { toHex } from "../record/bytes.ts";
import type { TracedFrame, TracedLog } from "../record/TracedFrame.ts";
import { describeFailure } from "./describeFailure.ts";
import { nameFailure } from "./nameFailure.ts";

type CustomOpcode = NonNullable<EVMOpts["customOpcodes"]>[number];
type Operation = Extract<CustomOpcode, { logicFunction: unknown }>["logicFunction"];
export type RunState = Parameters<Operation>[0];

/** A frame that is still open. */
interface OpenFrame {
  readonly type: FrameType;
  readonly from: Address;
  to: Address;
  readonly value: bigint;
  readonly gas: bigint;
  readonly input: Hex;
  readonly calls: TracedFrame[];
  readonly logs: TracedLog[];
  /** How many logs there were when it began. */
  readonly logsBefore: number;
  readonly message: Message;
  /** What its code gave back by RETURN. */
  returned?: Uint8Array;
}

/** Looks at operations whose gas is paid, before they do anything. */
export interface OperationWatch {
  readonly opcodes: readonly number[];
  see(opcode: number, state: RunState): Promise<void>;
}

export interface CallRecorder {
  /** Operations that tell the recorder what they do, for the engine to use instead of its own. */
  readonly operations: CustomOpcode[];
  /** Records from now on. */
  start(): void;
  /** The tree of the message that has ended, or undefined where none began. Records no longer. */
  finish(): TracedFrame | undefined;
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
const give = 0xf3;
const selfDestruct = 0xff;
const logs = [0xa0, 0xa1, 0xa2, 0xa3, 0xa4];
/** How a failure reads that is known from the message alone, and that of the operation that ran last. */
type NameFailure = (result: EVMResult, message: Message, returned: Uint8Array | undefined) => string;

const nameBriefly: NameFailure = ({ execResult }) => describeFailure(execResult.exceptionError!.error);

/**
 * Makes a recorder for an engine with the rules of `common`. With a `watch`, failures are told as fully as geth tells them:
 * the operation that is not there, and how far the stack was.
 */
export function createCallRecorder(common: Common, watch?: OperationWatch): CallRecorder {
  const open: OpenFrame[] = [];
  let done: TracedFrame | undefined;
  let isOn = false;
  let logCount = 0;
  // What the operation that runs now is, until its message takes it.
  let calling: FrameType | undefined;
  const named: NameFailure = watch === undefined ? nameBriefly : (...told) => nameFailure(common, ...told);

  function close(closed: TracedFrame): void {
    const parent = open.at(-1);
    if (parent === undefined) done = closed;
    else parent.calls.push(closed);
  }

  const wrap: Record<
    "call" | "log" | "selfDestruct" | "give" | "plain",
    (plain: Operation, opcode: number) => Operation
  > = {
    call: (plain, opcode) => async (state, rules) => {
      if (!isOn) return plain(state, rules);
      const frame = open.at(-1)!;
      const before = frame.calls.length;
      const attempt = attemptOf(callsOf[opcode]!, state, rules);
      calling = attempt.type;
      await plain(state, rules);
      calling = undefined;
      if (frame.calls.length > before) return;
      // The message never began: the caller could not pay, or is as deep as calls go.
      const isPoor = state.env.contract.balance < attempt.value;
      const error = isPoor ? "insufficient balance for transfer" : "max call depth exceeded";
      frame.calls.push({ ...attempt, input: attempt.input(), gasUsed: 0n, output: "0x", error });
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
        index: logCount,
      });
      logCount += 1;
    },
    selfDestruct: (plain) => (state, rules) => {
      if (isOn) open.at(-1)!.calls.push(selfDestructOf(state));
      return plain(state, rules);
    },
    give: (plain) => async (state, rules) => {
      try {
        await plain(state, rules);
      } finally {
        // It leaves by throwing, with what it gives in place.
        const frame = open.at(-1);
        const given = state.interpreter._result.returnValue;
        if (isOn && frame !== undefined && given !== undefined) frame.returned = given;
      }
    },
    plain: (plain) => plain,
  };

  const known = getOpcodesForHF(common);
  const watched = new Set(watch?.opcodes ?? []);
  const operation = (opcode: number, wrapper: (plain: Operation, opcode: number) => Operation): CustomOpcode[] => {
    const info = known.opcodes.get(opcode);
    if (info === undefined) return [];
    const gasFunction = known.dynamicGasHandlers.get(opcode);
    const wrapped = wrapper(known.handlers.get(opcode)!, opcode);
    const logicFunction: Operation = !watched.has(opcode)
      ? wrapped
      : async (state, rules) => {
          if (isOn) await watch!.see(opcode, state);
          await wrapped(state, rules);
        };
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
  const callOpcodes = Object.keys(callsOf).map(Number);
  const own = new Set([...callOpcodes, ...logs, give, selfDestruct]);

  return {
    operations: [
      ...callOpcodes.flatMap((opcode) => operation(opcode, wrap.call)),
      ...logs.flatMap((opcode) => operation(opcode, wrap.log)),
      ...operation(give, wrap.give),
      ...operation(selfDestruct, wrap.selfDestruct),
      ...[...watched].filter((opcode) => !own.has(opcode)).flatMap((opcode) => operation(opcode, wrap.plain)),
    ],
    start() {
      open.length = 0;
      done = undefined;
      calling = undefined;
      logCount = 0;
      isOn = true;
    },
    finish() {
      isOn = false;
      return done;
    },
    begin(message) {
      const position = open.at(-1)?.calls.length ?? 0;
      if (!isOn) return position;
      open.push(openFrame(message, calling ?? (message.to === undefined ? "CREATE" : "CALL"), logCount));
      calling = undefined;
      return position;
    },
    end(result) {
      if (!isOn) return;
      const { execResult, createdAddress } = result;
      const { returned, message, logsBefore, ...frame } = open.pop()!;
      const failure = execResult.exceptionError?.error;
      // Before Homestead a contract whose code could not be paid for is there, without any.
      const isUnpaid = failure === "code store out of gas";
      const error = failure === undefined || isUnpaid ? undefined : named(result, message, returned);
      if (frame.type === "CREATE" || frame.type === "CREATE2")
        frame.to = error === undefined && createdAddress !== undefined ? toHex(createdAddress.bytes) : zeroAddress;
      const isSaid = error === undefined || error === "execution reverted";
      const output = isUnpaid ? (returned ?? new Uint8Array()) : execResult.returnValue;
      const gasUsed = execResult.executionGasUsed;
      const closed = { ...frame, gasUsed, output: isSaid ? toHex(output) : ("0x" as const) };
      if (error === undefined) return close(closed);
      logCount = logsBefore;
      // Logs of a frame that failed never were, nor those of the frames in it.
      close({ ...closed, error, calls: frame.calls.map(silent), logs: [] });
    },
  };
}

function openFrame(message: Message, type: FrameType, logsBefore: number): OpenFrame {
  // Code run by delegation works for the address that the message is to, and is found at another one.
  const isBorrowed = type === "DELEGATECALL" || type === "CALLCODE";
  const self = message.to === undefined ? zeroAddress : toHex(message.to.bytes);
  return {
    type,
    from: isBorrowed ? self : toHex(message.caller.bytes),
    to: isBorrowed ? toHex(message.codeAddress.bytes) : self,
    value: type === "DELEGATECALL" || type === "STATICCALL" ? 0n : message.value,
    gas: message.gasLimit,
    input: toHex(message.data),
    calls: [],
    logs: [],
    logsBefore,
    message,
  };
}

function silent(frame: TracedFrame): TracedFrame {
  return { ...frame, calls: frame.calls.map(silent), logs: [] };
}

type Attempt = Omit<TracedFrame, "input" | "gasUsed" | "output"> & { input(): Hex };

/** What an operation is about to call, read from its stack; its input is still in memory after a call that never began. */
function attemptOf(type: FrameType, { env, stack, memory, messageGasLimit = 0n }: RunState, common: Common): Attempt {
  const frame = { type, from: toHex(env.address.bytes), gas: messageGasLimit, calls: [], logs: [] };
  const input = (offset: bigint, length: bigint) => () =>
    length === 0n ? "0x" : toHex(memory.read(Number(offset), Number(length)));
  if (type === "CREATE" || type === "CREATE2") {
    const [value, offset, length] = stack.peek(3) as [bigint, bigint, bigint];
    return { ...frame, to: zeroAddress, value, input: input(offset, length) };
  }
  const hasValue = type === "CALL" || type === "CALLCODE";
  const words = stack.peek(hasValue ? 5 : 4);
  const [offset, length] = words.slice(-2) as [bigint, bigint];
  const value = hasValue ? words[2]! : 0n;
  const gas = value === 0n ? messageGasLimit : messageGasLimit + common.param("callStipendGas");
  return { ...frame, gas, to: toAddress(words[1]!), value, input: input(offset, length) };
}

function selfDestructOf({ env, stack }: RunState): TracedFrame {
  const [heir] = stack.peek(1) as [bigint];
  return {
    type: "SELFDESTRUCT",
    from: toHex(env.address.bytes),
    to: toAddress(heir),
    value: env.contract.balance,
    gas: 0n,
    gasUsed: 0n,
    input: "0x",
    output: "0x",
    calls: [],
    logs: [],
  };
}

function toAddress(word: bigint): Address {
  return `0x${(word & ((1n << 160n) - 1n)).toString(16).padStart(40, "0")}`;
}
