// The recorded attack where a patch is in force, and whether that stops it.
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import type { GuardRule } from "@testudo/core/model/GuardRule";
import type { Hex } from "@testudo/core/model/Hex";
import { blockOf } from "../blockOf.ts";
import { amountsOf, type Holding } from "../holdings.ts";
import { openEvm as openOurs } from "../openEvm.ts";
import { watchState } from "../watchedState.ts";
import { isAsBeside } from "./changesOf.ts";
import { type GasPlan, unlessTooLarge } from "./gateGas.ts";
import { holdingsTouched } from "./holdingsTouched.ts";
import { type Attacked, judgeAttack } from "./judgeAttack.ts";
import type { GuardRulePatch, Patch } from "./Patch.ts";
import { type Baseline, type Measured, playMeasured } from "./playBaseline.ts";
import type { PlayOptions } from "./playTransactions.ts";
import { openTrial, type Trial, type TrialOptions } from "./Trial.ts";

/**
 * The attack by each plan until it is not stopped; what was recorded comes last, for what is read afterwards. Rules have stopped
 * it only where it works behind the same gates without them: what a gate does by itself is no rule's work.
 */
export async function playAttack(
  baseline: Baseline,
  trial: Trial,
  patch: Patch,
  { maxLoss = 0n, ...options }: AttackOptions,
) {
  const plans: readonly GasPlan[] = trial.gates.length > 0 ? ["much", "enough", "recorded"] : ["recorded"];
  for (const plan of plans) {
    trial.evm.revert(trial.mark);
    const attacked = await playAttackBy(baseline, trial, plan, options).catch(unlessTooLarge(plan));
    if (attacked === undefined) continue;
    const attack = judgeAttack(baseline, attacked, maxLoss);
    if (!attack.stopped) return { attacked, attack };
    if (plan !== "recorded") continue;
    const isOurs = patch.kind !== "guardRule" || (await worksWithout(baseline, trial, patch, { maxLoss, ...options }));
    return { attacked, attack: isOurs ? attack : { ...attack, stopped: false, why: gatesAlone } };
  }
  throw new Error("No plan was played.");
}

const gatesAlone = "its gates alone stop it: it does not work where their rules refuse nothing either";

export interface AttackOptions extends TrialOptions {
  readonly maxLoss?: bigint;
}

/** Whether the attack works by one of the plans behind the gates of `trial`, with rules that cost as much and refuse nothing. */
async function worksWithout(
  baseline: Baseline,
  { scene, id }: Trial,
  patch: GuardRulePatch,
  { maxLoss = 0n, ...options }: AttackOptions,
): Promise<boolean> {
  const called = new Set(baseline.calls.map(({ selector }) => selector));
  const [selector] = idle(id).filter((one) => !called.has(one) && !options.exempt?.includes(one));
  const rules = patch.rules.map(
    (rule) => neutralOf(rule, baseline) ?? { ...rule, selector: selector!, kind: "DENY" as const },
  );
  const once = [...new Map(rules.map((rule) => [rule.target + rule.selector, rule])).values()];
  const control = await openTrial(baseline, { ...patch, rules: once }, { ...options, gates: scene.gates });
  for (const plan of ["enough", "much", "recorded"] as const) {
    control.evm.revert(control.mark);
    const attacked = await playAttackBy(baseline, control, plan, options).catch(unlessTooLarge(plan));
    if (attacked !== undefined && !judgeAttack(baseline, attacked, maxLoss).stopped) return true;
  }
  return false;
}

/** The same rule where it refuses nothing, so that it takes the same gas; undefined where there is none. */
function neutralOf(rule: GuardRule, { calls }: Baseline): GuardRule | undefined {
  const end = 2 + 2 * (4 + 32 * (rule.argIndex + 1));
  const isShort = calls.some(({ selector, input }) => selector === rule.selector && input.length < end);
  switch (rule.kind) {
    case "ARG_MAX":
      return isShort ? undefined : { ...rule, bound: (1n << 256n) - 1n };
    case "ARG_MIN":
      return isShort ? undefined : { ...rule, bound: 0n };
    case "ORACLE_DELAY":
      return { ...rule, bound: rule.bound & ((1n << 160n) - 1n) };
    case "DENY":
    case "NO_SAME_BLOCK":
      return undefined;
    default:
      return never(rule.kind);
  }
}

/** Selectors that nobody could foresee who did not know the patch. */
function idle(id: Hex): readonly Hex[] {
  return [...Array(14).keys()].map((i): Hex => `0x${id.slice(2 + 4 * i, 10 + 4 * i)}`);
}

async function playAttackBy(
  baseline: Baseline,
  trial: Trial,
  plan: GasPlan,
  { openEvm = openOurs }: TrialOptions,
): Promise<Attacked> {
  const { capsule, placed, holders, holdings } = baseline;
  const traces: CallFrame[] = [];
  const play: PlayOptions = {
    plansFor: ({ role }) => (role === "attack" || trial.gates.length === 0 ? [plan] : ["recorded", "enough", "much"]),
    isGood: (run) => run.role === "attack" || isAsBeside(baseline, run),
    onOutcome: (outcome, { role }) => {
      if (role === "attack" && outcome.kind === "ran") traces.push(outcome.trace);
    },
  };
  const once = await playMeasured(trial.evm, capsule, placed, holdings, play);
  // With a patch in its way it may take what it did not touch without one.
  const { named, maybe } = holdingsTouched(holders, traces);
  const more = [...named, ...maybe].filter((one) => !has(holdings, one));
  if (more.length === 0) return { ...once, hidden: hiddenIn(baseline, once) };
  trial.evm.revert(trial.mark);
  const twice = await playMeasured(trial.evm, capsule, placed, [...holdings, ...more], play);
  const silent = twice.unread.filter((one) => has(more, one));
  if (silent.length === 0) return { ...twice, hidden: hiddenIn(baseline, twice) };
  const bare = await openEvm(watchState(capsule).source, blockOf(capsule, placed[0]!.tx.blockNumber));
  const amounts = await amountsOf(bare, silent);
  const hidden = [...hiddenIn(baseline, twice), ...silent.filter((_, i) => amounts[i] !== null)];
  return { ...twice, hidden };
}

function hiddenIn({ holdings, unread }: Baseline, now: Measured): readonly Holding[] {
  return now.unread.filter((one) => has(holdings, one) && !has(unread, one));
}

function has(holdings: readonly Holding[], { holder, token }: Holding): boolean {
  return holdings.some((one) => one.holder === holder && one.token === token);
}

function never(kind: never): never {
  throw new TypeError(`Unknown rule kind ${JSON.stringify(kind)}.`);
}
