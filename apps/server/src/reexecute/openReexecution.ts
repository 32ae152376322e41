import type { Reexecute } from "@testudo/chain/Reexecution";
import { executeBlock, type ReexecutionOptions } from "./executeBlock.ts";

/** Makes call trees of blocks that no node traces. */
export function openReexecution(options: ReexecutionOptions): Reexecute {
  return async (endpoint, { ref }, logs) => {
    const made = await executeBlock(endpoint, ref.hash, logs, options);
    return "why" in made ? made : { traces: made.traces };
  };
}
