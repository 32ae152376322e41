// Patches tried on the till: its stage, a capsule with a robbery among honest business, and rules for it.
import type { GuardRule, RuleKind } from "@testudo/core/model/GuardRule";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { toFunctionSelector } from "viem/utils";
import type { Capsule, CapsuleTransaction } from "../record/Capsule.ts";
import type { Patch } from "./Patch.ts";
import { type BaselineOptions, playBaseline } from "./playBaseline.ts";
import { type PatchReport, type SimulateOptions, simulatePatch } from "./simulatePatch.ts";
import {
  alice,
  bob,
  callTill,
  ether,
  openTillStage,
  selectorOfTill,
  type TillStage,
  thief,
} from "./tillStage.testkit.ts";

export interface TillTrials {
  readonly stage: TillStage;
  /** Five honest transactions, and `robbery` as the fourth of six. */
  readonly capsule: Capsule;
  readonly robbery: (more?: Partial<CapsuleTransaction>) => CapsuleTransaction;
  /** Rules in force for an hour, of the till's `take` where they name no other. */
  readonly rulesOf: (...rules: (Partial<GuardRule> & { kind: RuleKind })[]) => Patch;
  readonly denialsOf: (target: Address, ...signatures: string[]) => Patch;
  readonly simulated: (patch: Patch, options?: SimulateOptions & BaselineOptions, on?: Capsule) => Promise<PatchReport>;
}

export const take: Hex = selectorOfTill("take", [0n]);

export async function openTillTrials(): Promise<TillTrials> {
  const stage = await openTillStage();
  const robbery: TillTrials["robbery"] = (more = {}) =>
    callTill(stage, thief, "take", [400n * ether], { role: "attack", ...more });
  const rulesOf: TillTrials["rulesOf"] = (...rules) => ({
    kind: "guardRule",
    name: "test",
    seconds: 3_600,
    rules: rules.map((rule) => ({ target: stage.till, selector: take, argIndex: 0, bound: 0n, ...rule })),
  });
  const capsule = stage.capsule([
    callTill(stage, alice, "pay", [1n], { value: 5n * ether }),
    callTill(stage, alice, "take", [2n * ether]),
    callTill(stage, bob, "pay", [2n], { value: 7n * ether }),
    robbery(),
    callTill(stage, bob, "take", [3n * ether]),
    callTill(stage, alice, "pay", [3n], { value: ether }),
  ]);
  return {
    stage,
    capsule,
    robbery,
    rulesOf,
    denialsOf: (target, ...signatures) =>
      rulesOf(...signatures.map((one) => ({ kind: "DENY" as const, target, selector: toFunctionSelector(one) }))),
    simulated: async (patch, options = {}, on = capsule) =>
      simulatePatch(await playBaseline(on, options), patch, options),
  };
}
