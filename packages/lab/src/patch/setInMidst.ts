// Rules that come into force in the midst of what is played, when what was before them has run without.
import { selectorBreaker } from "@testudo/contracts";
import type { Evm, EvmBlock } from "@testudo/core/model/Evm";
import { type GuardRule, ruleKinds } from "@testudo/core/model/GuardRule";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { encodeFunctionData } from "viem/utils";
import type { Capsule } from "../record/Capsule.ts";
import { applyPatch, type PatchScene } from "./applyPatch.ts";
import { isByGate } from "./Gate.ts";
import type { GuardRulePatch } from "./Patch.ts";

export interface MidstOptions {
  readonly scene: PatchScene;
  readonly block: EvmBlock;
  readonly exempt: readonly Hex[];
  readonly evidence: Hex;
  /** In Unix seconds. */
  readonly at: bigint;
}

/** Sets the rules of `patch` by a breaker where a gate enforces them, in the name of its own controller where the contract does. */
export async function setInMidst(
  evm: Evm,
  capsule: Capsule,
  patch: GuardRulePatch,
  { scene, at, ...options }: MidstOptions,
): Promise<void> {
  const gated = new Set(scene.gates.filter(isByGate).map(({ victim }) => victim));
  const [ofGates, ofMixins] = [true, false].map((is) =>
    patch.rules.filter(({ target }) => gated.has(target) === is),
  ) as [GuardRule[], GuardRule[]];
  if (ofGates.length > 0) await applyPatch(evm, capsule, { ...patch, rules: ofGates }, { ...options, at });
  for (const rule of ofMixins) await write(evm, rule, at + BigInt(patch.seconds));
}

const writeGas = 300_000n;
// PauseWord.sol: a rule's end stands above a pause's.
const ruleUntilBits = 40n;

async function write(evm: Evm, { target, selector, kind, argIndex, bound }: GuardRule, until: bigint): Promise<void> {
  const { abi } = selectorBreaker;
  const answer = await evm.read({
    kind: "call",
    to: target,
    data: encodeFunctionData({ abi, functionName: "selectorBreaker" }),
  });
  if (!answer.ok) return;
  const onChain = { kind: ruleKinds.indexOf(kind), argIndex, bound };
  await evm.run({
    ...{ from: `0x${answer.value.slice(-40)}` as Address, to: target, value: 0n, gas: writeGas, gasPrice: 0n },
    input: encodeFunctionData({ abi, functionName: "writeRule", args: [selector, until << ruleUntilBits, onChain] }),
    isImpersonated: true,
    block: { baseFeePerGas: 0n },
  });
}
