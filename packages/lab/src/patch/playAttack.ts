// The recorded attack where a patch is in force, and whether that stops it.
import type { Address } from "@testudo/core/model/Hex";
import { type GasPlan, plansOfRules, unlessTooLarge } from "./gateGas.ts";
import { judgeAttack } from "./judgeAttack.ts";
import type { Patch } from "./Patch.ts";
import { playAttackBy } from "./playAttackBy.ts";
import type { Baseline } from "./playBaseline.ts";
import type { Trial } from "./Trial.ts";
import { type AttackOptions, whyNoRule } from "./whyNoRule.ts";

/** The attack by each plan until it is not stopped; what was recorded comes last, for what is read afterwards. */
export async function playAttack(baseline: Baseline, trial: Trial, patch: Patch, options: AttackOptions) {
  const { maxLoss = 0n } = options;
  const refusedTwice = new Set<Address>();
  for (const plan of patch.kind === "guardRule" ? plansOfRules : recordedAlone) {
    const attacked = await playAttackBy(baseline, trial, plan, options).catch(unlessTooLarge(plan));
    if (attacked === undefined) continue;
    for (const one of attacked.refusedTwice) refusedTwice.add(one);
    const attack = judgeAttack(baseline, attacked, maxLoss);
    if (!attack.stopped) return { attacked, attack };
    if (plan !== "recorded") continue;
    const why = patch.kind === "guardRule" ? await whyNoRule(baseline, trial, patch, refusedTwice, options) : null;
    return { attacked, attack: { ...attack, stopped: why === null, why } };
  }
  throw new Error("No plan was played.");
}

const recordedAlone: readonly GasPlan[] = ["recorded"];
