import type { Address, Hex } from "@testudo/core/model/Hex";
import type { TracedFrame } from "../record/TracedFrame.ts";
import { quantity } from "./callTracerResult.ts";

export interface FlatTracerOptions {
  /** Failures in the words of Parity. */
  readonly convertParityErrors?: boolean;
  /** Whether calls of precompiled contracts stand in the list. */
  readonly includePrecompiles?: boolean;
}

/** One call of the list that geth's flatCallTracer writes, in the shape of Parity's `trace_transaction`. */
export interface FlatTrace {
  readonly type: "call" | "create" | "suicide";
  readonly action: { readonly [field: string]: string };
  readonly result?: { readonly [field: string]: string };
  readonly error?: string;
  readonly subtraces: number;
  readonly traceAddress: readonly number[];
}

const parityErrors: { readonly [error: string]: string } = {
  "contract creation code storage out of gas": "Out of gas",
  "out of gas": "Out of gas",
  "gas uint64 overflow": "Out of gas",
  "max code size exceeded": "Out of gas",
  "invalid jump destination": "Bad jump destination",
  "execution reverted": "Reverted",
  "return data out of bounds": "Out of bounds",
  "stack limit reached 1024 (1023)": "Out of stack",
  "precompiled failed": "Built-in failed",
  "invalid input length": "Built-in failed",
};
const parityPrefixes = [
  ["out of gas:", "Out of gas"],
  ["invalid opcode:", "Bad instruction"],
  ["stack underflow", "Stack underflow"],
] as const;

/**
 * The tree of `root` as a list in pre-order.
 *
 * @param isPrecompiled Tells which addresses are precompiled contracts in the block.
 */
export function flatTracerResult(
  root: TracedFrame,
  options: FlatTracerOptions,
  isPrecompiled: (address: Address) => boolean,
): FlatTrace[] {
  const list: FlatTrace[] = [];
  const isHidden = ({ type, to }: TracedFrame) =>
    !options.includePrecompiles && (type === "CALL" || type === "STATICCALL") && isPrecompiled(to);

  function add(frame: TracedFrame, traceAddress: readonly number[], parentValue: bigint): void {
    const value = frame.type === "DELEGATECALL" ? parentValue : frame.value;
    const calls = frame.calls.filter((call) => !isHidden(call));
    const error = options.convertParityErrors ? toParity(frame.error) : frame.error;
    const hasResult = frame.error === undefined || frame.error === "execution reverted";
    list.push({
      ...described(frame, value, hasResult),
      ...(error === undefined ? {} : { error }),
      subtraces: calls.length,
      traceAddress,
    });
    for (const [i, call] of calls.entries()) add(call, [...traceAddress, i], value);
  }
  add(root, [], 0n);
  return list;
}

function described(
  frame: TracedFrame,
  value: bigint,
  hasResult: boolean,
): Pick<FlatTrace, "type" | "action" | "result"> {
  const { type, from, to, gas, input } = frame;
  if (type === "SELFDESTRUCT")
    return { type: "suicide", action: { address: from, balance: quantity(value), refundAddress: to } };
  const common = { from, gas: quantity(gas), value: quantity(value) };
  const result = hasResult ? { result: resultOf(frame) } : {};
  if (type === "CREATE" || type === "CREATE2") {
    const action = { ...common, init: input, creationMethod: type.toLowerCase() };
    return { type: "create", action, ...result };
  }
  return { type: "call", action: { ...common, to, callType: type.toLowerCase(), input }, ...result };
}

function resultOf({ type, to, gasUsed, output, error }: TracedFrame): { readonly [field: string]: string } {
  const used: Hex = quantity(gasUsed);
  if (type !== "CREATE" && type !== "CREATE2") return { gasUsed: used, output };
  return { gasUsed: used, code: output, ...(error === undefined ? { address: to } : {}) };
}

function toParity(error: string | undefined): string | undefined {
  if (error === undefined) return undefined;
  return parityErrors[error] ?? parityPrefixes.find(([start]) => error.startsWith(start))?.[1] ?? error;
}
