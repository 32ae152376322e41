// The recorded attack where a patch is in force, and whether that stops it.
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import type { GuardRule } from "@testudo/core/model/GuardRule";
import type { Hex } from "@testudo/core/model/Hex";
import { type Holding, holdingsTouched, type Loss } from "../holdings.ts";
import { isAsBeside } from "./changesOf.ts";
import { type GasPlan, unlessTooLarge } from "./gateGas.ts";
import type { GuardRulePatch, Patch } from "./Patch.ts";
import { type Baseline, type Measured, playMeasured } from "./playBaseline.ts";
import type { PlayOptions } from "./playTransactions.ts";
import { openTrial, type Trial, type TrialOptions } from "./Trial.ts";

/** What came of an attack. */
export interface AttackVerdict {
  readonly stopped: boolean;
  /** Of the attack's transactions that succeeded without the patch, how many do not with it. */
  readonly failed: number;
  readonly succeededBefore: number;
  readonly lossesBefore: readonly Loss[];
  readonly losses: readonly Loss[];
}

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
    const attacked = await playAttackBy(baseline, trial, plan).catch(unlessTooLarge(plan));
    if (attacked === undefined) continue;
    const attack = judgeAttack(baseline, attacked, maxLoss);
    if (!attack.stopped) return { attacked, attack };
    if (plan !== "recorded") continue;
    const isOurs = patch.kind !== "guardRule" || (await worksWithout(baseline, trial, patch, { maxLoss, ...options }));
    return { attacked, attack: { ...attack, stopped: isOurs } };
  }
  throw new Error("No plan was played.");
}

export interface AttackOptions extends TrialOptions {
  readonly maxLoss?: bigint;
}

/** Whether the attack works by one of the plans behind the gates of `trial`, with a rule on what nobody calls. */
async function worksWithout(
  baseline: Baseline,
  { gates, id }: Trial,
  patch: GuardRulePatch,
  { maxLoss = 0n, ...options }: AttackOptions,
): Promise<boolean> {
  const called = new Set(baseline.calls.map(({ selector }) => selector));
  const [selector] = idle(id).filter((one) => !called.has(one) && !options.exempt?.includes(one));
  const rules = patch.rules.map(
    ({ target }): GuardRule => ({ target, selector: selector!, kind: "DENY", argIndex: 0, bound: 0n }),
  );
  const once = [...new Map(rules.map((rule) => [rule.target, rule])).values()];
  const control = await openTrial(baseline, { ...patch, rules: once }, { ...options, gates });
  for (const plan of ["enough", "much", "recorded"] as const) {
    control.evm.revert(control.mark);
    const attacked = await playAttackBy(baseline, control, plan).catch(unlessTooLarge(plan));
    if (attacked !== undefined && !judgeAttack(baseline, attacked, maxLoss).stopped) return true;
  }
  return false;
}

/** Selectors that nobody could foresee who did not know the patch. */
function idle(id: Hex): readonly Hex[] {
  return [...Array(14).keys()].map((i): Hex => `0x${id.slice(2 + 4 * i, 10 + 4 * i)}`);
}

async function playAttackBy(baseline: Baseline, trial: Trial, plan: GasPlan): Promise<Measured> {
  const { capsule, placed, holders, holdings } = baseline;
  const traces: CallFrame[] = [];
  const options: PlayOptions = {
    plansFor: ({ role }) => (role === "attack" || trial.gates.length === 0 ? [plan] : ["recorded", "enough", "much"]),
    isGood: (run) => run.role === "attack" || isAsBeside(baseline, run),
    onOutcome: (outcome, { role }) => {
      if (role === "attack" && outcome.kind === "ran") traces.push(outcome.trace);
    },
  };
  const once = await playMeasured(trial.evm, capsule, placed, holdings, options);
  // With a patch in its way it may take what it did not touch without one.
  const all = withoutDoubles([...holdings, ...holdingsTouched(holders, traces)]);
  if (all.length === holdings.length) return once;
  trial.evm.revert(trial.mark);
  return playMeasured(trial.evm, capsule, placed, all, options);
}

function withoutDoubles(holdings: readonly Holding[]): readonly Holding[] {
  return [...new Map(holdings.map((one) => [`${one.holder} ${one.token ?? ""}`, one])).values()];
}

/** `now` is absent where the patch is not in force: nothing is stopped then. */
export function judgeAttack(
  { attacked: before, losses: lossesBefore, unread, holdings }: Baseline,
  now: Measured | undefined,
  maxLoss: bigint,
): AttackVerdict {
  const did = before.filter(({ role, status }) => role === "attack" && status === "succeeded");
  const losses = now?.losses ?? lossesBefore;
  const runs = did.flatMap(({ index }) => now?.runs.find((run) => run.index === index) ?? []);
  const failed = runs.filter(({ status }) => status !== "succeeded").length;
  // What is not even let in was not stopped by the patch, unless it lacks what the attack before it would have brought.
  const isStrange =
    runs[0]?.refusal !== undefined || runs.some(({ refusal }) => refusal !== undefined && refusal !== "unfunded");
  const hasFailed = runs.some(({ status }) => status === "failed");
  const isBounded = losses.every(({ amount }) => amount <= maxLoss);
  const wasBounded = lossesBefore.every(({ amount }) => amount <= maxLoss);
  // Where nothing was lost that we can see, only a failure tells that something was stopped.
  const isEnded = hasFailed || !wasBounded;
  // What answered without the patch and does not with it may have been taken.
  const isBlind = now?.unread.some((one) => has(holdings, one) && !has(unread, one)) === true;
  const stopped = now !== undefined && isBounded && !isStrange && !isBlind && isEnded;
  return { stopped, failed, succeededBefore: did.length, lossesBefore, losses };
}

function has(holdings: readonly Holding[], { holder, token }: Holding): boolean {
  return holdings.some((one) => one.holder === holder && one.token === token);
}
