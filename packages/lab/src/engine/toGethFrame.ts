import type { CallFrame } from "@testudo/core/model/BlockBundle";

// What revm says of a failure, in the words of geth.
const words: { readonly [failure: string]: string } = {
  Revert: "execution reverted",
  OutOfGas: "out of gas",
};

/** A tree of a revm node as geth tells it: what failed has no logs, and only what moves ether has a value. */
export function toGethFrame(frame: CallFrame, isLost = false): CallFrame {
  const { error, calls, logs, ...rest } = frame;
  const isGone = isLost || error !== undefined;
  const isWithoutValue = frame.type === "DELEGATECALL" || frame.type === "STATICCALL";
  return {
    ...rest,
    value: isWithoutValue ? 0n : frame.value,
    ...(error === undefined ? {} : { error: words[error] ?? error }),
    calls: calls.map((call) => toGethFrame(call, isGone)),
    logs: isGone ? [] : logs,
  };
}
