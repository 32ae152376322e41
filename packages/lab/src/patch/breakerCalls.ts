import { circuitBreaker, gateProxy } from "@testudo/contracts";
import type { EvmTransaction } from "@testudo/core/model/Evm";
import type { GuardRule } from "@testudo/core/model/GuardRule";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { encodeDeployData } from "viem/utils";
import { encodeClearRule, encodeSetRule } from "./encodeRule.ts";
import { breaker, council, deployer, program, timelock } from "./ourAccounts.ts";

// The most that a transaction may have since Osaka. A constructor that registers seven targets with 32 selectors each takes ten million.
const deployGas = 16_777_216n;
const callGas = 1_000_000n;

/** The creation of a breaker that guards the selectors of `rules`, each with a program that may rule it. */
export function deployBreaker(rules: readonly GuardRule[], exempt: readonly Hex[]): EvmTransaction {
  const targets = [...new Set(rules.map(({ target }) => target))].map((target) => ({
    target,
    inlined: true,
    guarded: rules.filter((rule) => rule.target === target && !exempt.includes(rule.selector)).map((r) => r.selector),
    exempt,
  }));
  const programs = rules
    .filter(({ selector }) => !exempt.includes(selector))
    .map(({ target, selector }) => ({ caller: program, target, selector }));
  const args = [council, timelock, { targets, groups: [], trippers: [], programs }] as const;
  return creation(encodeDeployData({ ...circuitBreaker, args }));
}

/** The creation of a gate before `implementation`. */
export function deployGate(implementation: Address): EvmTransaction {
  return creation(encodeDeployData({ ...gateProxy, args: [implementation, "0x", breaker, timelock] }));
}

/** The program's call that puts `rule` in force until `until`, in Unix seconds. `evidence` is a hash, not zero. */
export function setRule(rule: GuardRule, until: bigint, evidence: Hex): EvmTransaction {
  return call(program, encodeSetRule(rule, until, evidence));
}

/** The council's call that takes `rule` back. */
export function clearRule(rule: GuardRule, evidence: Hex): EvmTransaction {
  return call(council, encodeClearRule(rule, evidence));
}

function creation(input: Hex): EvmTransaction {
  return { from: deployer, to: null, value: 0n, input, gas: deployGas };
}

function call(from: Address, input: Hex): EvmTransaction {
  return { from, to: breaker, value: 0n, input, gas: callGas };
}
