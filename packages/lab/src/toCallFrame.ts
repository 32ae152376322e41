import type { CallFrame } from "@testudo/core/model/BlockBundle";
import type { TracedCall } from "@testudo/evm/readTrace";

/** A call tree of our engine as the domain knows it: without the gas of its frames. */
export function toCallFrame({ type, from, to, value, input, output, error, calls, logs }: TracedCall): CallFrame {
  const frame = { type, from, to, value, input, output, calls: calls.map(toCallFrame), logs };
  return error === undefined ? frame : { ...frame, error };
}
