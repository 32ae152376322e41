import { circuitBreaker } from "@testudo/contracts";
import type { Evm } from "@testudo/core/model/Evm";
import type { GuardRule } from "@testudo/core/model/GuardRule";
import { type Hex, wordAt } from "@testudo/core/model/Hex";
import { encodeFunctionData } from "viem/utils";
import type { Applied } from "./applyPatch.ts";
import { clearRule } from "./breakerCalls.ts";
import { breaker } from "./ourAccounts.ts";
import type { GuardRulePatch } from "./Patch.ts";

/** Whether guard rules go as they came. */
export interface Reversal {
  /** One call of the council for each rule ended it. */
  readonly clears: boolean;
  /** Gas of those calls together. */
  readonly clearGas: bigint;
  /** Each rule has, on chain, the end that the patch gives it. */
  readonly expires: boolean;
}

/** Reads each rule's end on `evm`, where `patch` is in force, then clears each by one call of the council, at the time at which it was set. */
export async function takeBack(
  evm: Evm,
  { rules, seconds }: GuardRulePatch,
  { until }: Applied,
  evidence: Hex,
): Promise<Reversal> {
  let [clears, expires, clearGas] = [true, true, 0n];
  const block = until === null ? {} : { timestamp: until - BigInt(seconds) };
  for (const rule of rules) {
    expires &&= (await endOf(evm, rule)) === until;
    const outcome = await evm.run({ ...clearRule(rule, evidence), block });
    const isDone = outcome.kind === "ran" && outcome.succeeded;
    clears &&= isDone && (await endOf(evm, rule)) === 0n;
    clearGas += outcome.kind === "ran" ? outcome.gasUsed : 0n;
  }
  return { clears, clearGas, expires };
}

async function endOf(evm: Evm, { target, selector }: GuardRule): Promise<bigint | undefined> {
  const data = encodeFunctionData({ abi: circuitBreaker.abi, functionName: "ruleOf", args: [target, selector] });
  const answer = await evm.read({ kind: "call", to: breaker, data });
  // The rule's three words come first.
  return answer.ok ? wordAt(answer.value, 3) : undefined;
}
