// Whether it is the rules of a patch that stop an attack which does not work with them.
import type { Address } from "@testudo/core/model/Hex";
import { watchState } from "../capsule/watchedState.ts";
import { openEvm as openOurs } from "../engine/openEvm.ts";
import { blockOf } from "../record/blockOf.ts";
import { behindGates, isByGate } from "./Gate.ts";
import { plansOfRules, unlessTooLarge } from "./gateGas.ts";
import { judgeAttack } from "./judgeAttack.ts";
import { marksOf, neutralGates, neutralRules } from "./neutralRules.ts";
import type { GuardRulePatch } from "./Patch.ts";
import { type Ground, playAttackBy } from "./playAttackBy.ts";
import type { Baseline } from "./playBaseline.ts";
import type { PlayOptions } from "./playTransactions.ts";
import { setInMidst } from "./setInMidst.ts";
import { openTrial, type Trial, type TrialOptions } from "./Trial.ts";
import type { PlacedTx } from "./TxRun.ts";

export interface AttackOptions extends TrialOptions {
  /** Most of each holding that may still be lost, in its smallest unit. Default 0. */
  readonly maxLoss?: bigint;
  /** Rules are for what comes next, and can be set again: that the attack outlasts them is no matter. */
  readonly mayOutlast?: boolean;
}

/**
 * Why the rules of `patch` have not stopped what does not work with them; null where they have. What is there and refuses nothing
 * stops nothing, whatever breaks by its gas; and what ends before the attack does stops a part of it. `refusedTwice` has refused calls
 * as the second in their block.
 */
export async function whyNoRule(
  baseline: Baseline,
  trial: Trial,
  patch: GuardRulePatch,
  refusedTwice: ReadonlySet<Address>,
  options: AttackOptions,
): Promise<string | null> {
  // What marks cost where a contract's own code makes them cannot be had without them: those that nobody met are left out.
  const unmet = marksOf(trial.scene, patch, "mixin").filter((target) => !refusedTwice.has(target));
  const rules = patch.rules.filter(({ target, kind }) => kind !== "NO_SAME_BLOCK" || !unmet.includes(target));
  const met = { ...patch, rules };
  if (rules.length === 0) return byPresence;
  if (unmet.length > 0 && (await works(baseline, await openTrial(baseline, met, options), options))) return byPresence;
  const neutral = { ...met, rules: neutralRules(baseline, trial, met, options.exempt ?? []) };
  const control = await openTrial(baseline, neutral, { ...options, gates: neutralGates(trial.scene, met) });
  if (!(await works(baseline, control, options))) return byPresence;
  return options.mayOutlast === true || (await isInTime(baseline, trial, patch, options))
    ? null
    : tooShort(baseline, patch);
}

const byPresence =
  "its rules stop it by being there, as by the gas that they take: it does not work where the same refuse nothing either";
const tooShort = (baseline: Baseline, { seconds }: GuardRulePatch): string =>
  `its rules last ${seconds} s and the attack ${spanOf(baseline)} s: there is no time to set them from which they stop all of it`;

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
  if (spanOf(baseline) < BigInt(patch.seconds)) return true;
  const { capsule, placed } = baseline;
  const { openEvm = openOurs, exempt = capsule.exempt ?? [] } = options;
  const block = blockOf(capsule, placed[0]!.tx.blockNumber);
  const accounts = behindGates(capsule, scene.gates.filter(isByGate));
  const evm = await openEvm(watchState({ ...capsule, accounts }).source, block);
  const ground = { evm, scene, mark: evm.snapshot() };
  for (const first of didOf(baseline).slice(0, mostTimes)) {
    const at = timeOf(baseline, first);
    const before = async ({ index }: PlacedTx) => {
      if (index === first.index) await setInMidst(evm, capsule, patch, { scene, block, exempt, evidence: id, at });
    };
    if (!(await works(baseline, ground, { ...options, before }))) return true;
  }
  return false;
}

/** An attack of a thousand transactions is not played a thousand times. */
const mostTimes = 16;

/** The attack's transactions that succeeded. */
function didOf({ placed, attacked }: Baseline): readonly PlacedTx[] {
  return placed.filter(({ role, index }) => role === "attack" && attacked[index]!.status === "succeeded");
}

/** In seconds. */
function spanOf(baseline: Baseline): bigint {
  const times = didOf(baseline).map((one) => timeOf(baseline, one));
  return times.reduce((most, time) => (time - times[0]! > most ? time - times[0]! : most), 0n);
}

function timeOf({ capsule }: Baseline, { tx }: PlacedTx): bigint {
  return blockOf(capsule, tx.blockNumber).timestamp;
}
