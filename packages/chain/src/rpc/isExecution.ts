import type { RpcRefused } from "./RpcError.ts";

// What geth and those who copy it, nethermind, besu and anvil say. A stranger's contract that fails in words which are not here
// would have a node say nothing at all of its block.
const failedRun = new RegExp(
  [
    "revert|out of ?gas|gas required exceeds|gas uint64 overflow|return ?data out of bounds",
    "invalid opcode|invalid jump|stack (under|over)flow|stack limit reached|vm (exception|execution error)|evm error",
  ].join("|"),
  "i",
);

/** Whether the refusal is about the called code and not about the node: code 3, or what nodes say of a failed run. */
export function isExecution({ code, said }: RpcRefused): boolean {
  return code === 3 || failedRun.test(said);
}
