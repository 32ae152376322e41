import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { walk } from "@testudo/core/model/CallTree";
import type { Address } from "@testudo/core/model/Hex";
import { toFunctionSelector } from "viem/utils";

const refused = toFunctionSelector("Breaker_RuleRefused(bytes4,uint8,uint256,uint256)");

/** Whether a guard rule of one of `targets` refused a call in the run: nothing else is a rule's own work. */
export function hasRefused(trace: CallFrame, targets: readonly Address[]): boolean {
  return walk(trace).some(
    ({ frame }) => frame.error !== undefined && targets.includes(frame.to) && frame.output.startsWith(refused),
  );
}
