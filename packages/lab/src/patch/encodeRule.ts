import { circuitBreaker } from "@testudo/contracts";
import { type GuardRule, ruleKinds } from "@testudo/core/model/GuardRule";
import type { Hex } from "@testudo/core/model/Hex";
import { encodeFunctionData } from "viem/utils";

const patchReason: Hex = `0x${Buffer.from("patch").toString("hex").padEnd(64, "0")}`;

/** Call data of the breaker's `setRule`: `rule` is in force until `until`, in Unix seconds. `evidence` is a hash, not zero. */
export function encodeSetRule(
  { target, selector, kind, argIndex, bound }: GuardRule,
  until: bigint,
  evidence: Hex,
  reason = patchReason,
): Hex {
  const onChain = { kind: ruleKinds.indexOf(kind), argIndex, bound };
  const args = [target, selector, onChain, Number(until), { reason, evidence }] as const;
  return encodeFunctionData({ abi: circuitBreaker.abi, functionName: "setRule", args });
}

/** Call data of the breaker's `clearRule`, which takes `rule` back at once. */
export function encodeClearRule({ target, selector }: GuardRule, evidence: Hex): Hex {
  const args = [target, selector, { reason: patchReason, evidence }] as const;
  return encodeFunctionData({ abi: circuitBreaker.abi, functionName: "clearRule", args });
}
