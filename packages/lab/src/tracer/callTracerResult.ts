import type { Address, Hex } from "@testudo/core/model/Hex";
import type { TracedFrame, TracedLog } from "../record/TracedFrame.ts";
import { revertReasonOf } from "./revertReason.ts";

export interface CallTracerOptions {
  readonly onlyTopCall?: boolean;
  readonly withLog?: boolean;
}

/** A frame as geth's callTracer writes it: quantities as 0x…, and what is empty left out. */
export interface CallTracerFrame {
  readonly type: string;
  readonly from: Address;
  readonly to?: Address;
  readonly value?: Hex;
  readonly gas: Hex;
  readonly gasUsed: Hex;
  readonly input: Hex;
  readonly output?: Hex;
  readonly error?: string;
  readonly revertReason?: string;
  readonly calls?: readonly CallTracerFrame[];
  readonly logs?: readonly CallTracerLog[];
}

export interface CallTracerLog {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly position: Hex;
  readonly index: Hex;
}

/** `root` as geth's callTracer gives it. */
export function callTracerResult(root: TracedFrame, { onlyTopCall = false, withLog = false }: CallTracerOptions) {
  return toResult(root, 0n, { onlyTopCall, withLog });
}

/** @param parentValue What a delegate call shows: the value that its caller was given. */
function toResult(frame: TracedFrame, parentValue: bigint, options: Required<CallTracerOptions>): CallTracerFrame {
  const { type, from, to, gas, gasUsed, input, output, error } = frame;
  const value = type === "DELEGATECALL" ? parentValue : frame.value;
  const isFailedCreation = error !== undefined && (type === "CREATE" || type === "CREATE2");
  const reason = error === "execution reverted" ? revertReasonOf(output) : undefined;
  const calls = options.onlyTopCall ? [] : frame.calls.map((call) => toResult(call, value, options));
  const logs = options.withLog ? frame.logs.map(toLog) : [];
  return {
    type,
    from,
    ...(isFailedCreation ? {} : { to }),
    ...(type === "STATICCALL" ? {} : { value: quantity(value) }),
    gas: quantity(gas),
    gasUsed: quantity(gasUsed),
    input,
    ...(output === "0x" ? {} : { output }),
    ...(error === undefined ? {} : { error }),
    ...(reason === undefined ? {} : { revertReason: reason }),
    ...(calls.length === 0 ? {} : { calls }),
    ...(logs.length === 0 ? {} : { logs }),
  };
}

function toLog({ address, topics, data, position, index }: TracedLog): CallTracerLog {
  return { address, topics, data, position: quantity(BigInt(position)), index: quantity(BigInt(index)) };
}

export function quantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}
