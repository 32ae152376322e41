// Whether it is the rules of a patch that stop an attack which does not work with them.
import { blockOf } from "../blockOf.ts";
import { openEvm as openOurs } from "../openEvm.ts";
import { watchState } from "../watchedState.ts";
import { applyPatch } from "./applyPatch.ts";
import { plansOfRules, unlessTooLarge } from "./gateGas.ts";
import { judgeAttack } from "./judgeAttack.ts";
import { marksOf, neutralGates, neutralRules } from "./neutralRules.ts";
import type { GuardRulePatch } from "./Patch.ts";
import { type AttackedBy, type Ground, playAttackBy } from "./playAttackBy.ts";
import type { Baseline } from "./playBaseline.ts";
import type { PlayOptions } from "./playTransactions.ts";
import { openTrial, type Trial, type TrialOptions } from "./Trial.ts";
import type { PlacedTx } from "./TxRun.ts";

export interface AttackOptions extends TrialOptions {
  /** Most of each holding that may still be lost, in its smallest unit. Default 0. */
  readonly maxLoss?: bigint;
}

/**
 * Why the rules of `patch` have not stopped what came out as `attacked`; null where they have. What is there and refuses nothing
 * stops nothing, whatever breaks by its gas; and what ends before the attack does stops a part of it.
 */
export async function whyNoRule(
  baseline: Baseline,
  trial: Trial,
  patch: GuardRulePatch,
  { refusedOnce }: AttackedBy,
  options: AttackOptions,
): Promise<string | null> {
  // What marks cost where a contract's own code makes them cannot be had without them.
  if (!refusedOnce && marksOf(trial.scene, patch, "mixin").length > 0) return byPresence;
  const neutral = { ...patch, rules: neutralRules(baseline, trial, patch, options.exempt ?? []) };
  const control = await openTrial(baseline, neutral, { ...options, gates: neutralGates(trial.scene, patch) });
  if (!(await works(baseline, control, options))) return byPresence;
  return (await isInTime(baseline, trial, patch, options)) ? null : tooShort(patch);
}

const byPresence =
  "its rules stop it by being there, as by the gas that they take: it does not work where the same refuse nothing either";
const tooShort = ({ seconds }: GuardRulePatch): string =>
  `its rules last ${seconds} s: there is no time to set them from which they stop all of it`;

/** Whether the attack works by one of the plans. */
async function works(
  baseline: Baseline,
  ground: Ground,
  { maxLoss = 0n, ...options }: AttackOptions & Pick<PlayOptions, "before">,
): Promise<boolean> {
  for (const plan of plansOfRules) {
    const attacked = await playAttackBy(baseline, ground, plan, options).catch(unlessTooLarge(plan));
    if (attacked !== undefined && !judgeAttack(baseline, attacked, maxLoss).stopped) return true;
  }
  return false;
}

/**
 * Whether there is one of the attack's transactions before which the rules could have been set to stop all of it. An attack may
 * outlast rules that were in force for all that counted of it.
 */
async function isInTime(
  baseline: Baseline,
  { scene, id }: Trial,
  patch: GuardRulePatch,
  options: AttackOptions,
): Promise<boolean> {
  const { capsule, placed, attacked } = baseline;
  const timeOf = ({ tx }: PlacedTx) => blockOf(capsule, tx.blockNumber).timestamp;
  const did = placed.filter(({ role, index }) => role === "attack" && attacked[index]!.status === "succeeded");
  const begin = timeOf(did[0]!);
  if (did.every((one) => timeOf(one) - begin < BigInt(patch.seconds))) return true;
  const { openEvm = openOurs, exempt = capsule.exempt ?? [] } = options;
  const block = blockOf(capsule, placed[0]!.tx.blockNumber);
  for (const first of did.slice(0, mostTimes)) {
    const evm = await openEvm(watchState({ ...capsule, accounts: scene.accounts }).source, block);
    const ground = { evm, scene, mark: evm.snapshot() };
    const before = async ({ index }: PlacedTx) => {
      if (index === first.index)
        await applyPatch(evm, capsule, patch, { block, exempt, evidence: id, at: timeOf(first) });
    };
    if (!(await works(baseline, ground, { ...options, before }))) return true;
  }
  return false;
}

/** An attack of a thousand transactions is not played a thousand times. */
const mostTimes = 16;
