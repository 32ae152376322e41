// The recorded attack where a patch is in force, and whether that stops it.
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { type Holding, holdingsTouched, type Loss } from "../holdings.ts";
import { benignPlan, type GasPlan, unlessTooLarge } from "./gateGas.ts";
import type { Patch } from "./Patch.ts";
import { type Baseline, playMeasured } from "./playBaseline.ts";
import type { PlayOptions } from "./playTransactions.ts";
import { hasRefused } from "./refusals.ts";
import type { Trial } from "./Trial.ts";
import type { TxRun } from "./TxRun.ts";

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
 * The attack by each plan until it is not stopped; what was recorded comes last, for what is read afterwards. A rule that refuses
 * nothing by any plan stops nothing, whatever else goes wrong behind its gate.
 */
export async function playAttack(baseline: Baseline, trial: Trial, patch: Patch, maxLoss: bigint) {
  const plans: readonly GasPlan[] = trial.gates.length > 0 ? ["much", "enough", "recorded"] : ["recorded"];
  let isRefused = patch.kind !== "guardRule";
  for (const plan of plans) {
    trial.evm.revert(trial.mark);
    const attacked = await playAttackBy(baseline, trial, patch, plan).catch(unlessTooLarge(plan));
    if (attacked === undefined) continue;
    isRefused ||= attacked.isRefused;
    const attack = judgeAttack(baseline, attacked, maxLoss);
    if (!attack.stopped) return { attacked, attack };
    if (plan === "recorded") return { attacked, attack: { ...attack, stopped: isRefused } };
  }
  throw new Error("No plan was played.");
}

interface AttackPlayed {
  readonly runs: readonly TxRun[];
  readonly losses: readonly Loss[];
  /** Whether a guard rule refused anything of it. */
  readonly isRefused: boolean;
}

async function playAttackBy(baseline: Baseline, trial: Trial, patch: Patch, plan: GasPlan): Promise<AttackPlayed> {
  const { capsule, placed, holders, holdings } = baseline;
  const targets = patch.kind === "guardRule" ? patch.rules.map(({ target }) => target) : [];
  const traces: CallFrame[] = [];
  let isRefused = false;
  const options: PlayOptions = {
    gas: ({ role, index }) => (role === "attack" ? plan : benignPlan(baseline.attacked, index, "enough")),
    onOutcome: (outcome, { role }) => {
      if (role !== "attack" || outcome.kind !== "ran") return;
      traces.push(outcome.trace);
      isRefused ||= hasRefused(outcome.trace, targets);
    },
  };
  const once = await playMeasured(trial.evm, capsule, placed, holdings, options);
  // With a patch in its way it may take what it did not touch without one.
  const all = withoutDoubles([...holdings, ...holdingsTouched(holders, traces)]);
  if (all.length === holdings.length) return { ...once, isRefused };
  trial.evm.revert(trial.mark);
  return { ...(await playMeasured(trial.evm, capsule, placed, all, options)), isRefused };
}

function withoutDoubles(holdings: readonly Holding[]): readonly Holding[] {
  return [...new Map(holdings.map((one) => [`${one.holder} ${one.token ?? ""}`, one])).values()];
}

/** `now` is absent where the patch is not in force: nothing is stopped then. */
export function judgeAttack(
  { attacked: before, losses: lossesBefore }: Baseline,
  now: AttackPlayed | undefined,
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
  const stopped = now !== undefined && isBounded && !isStrange && (hasFailed || !wasBounded);
  return { stopped, failed, succeededBefore: did.length, lossesBefore, losses };
}
