// Everybody else's transactions where a patch is in force, and what it changes for them.
import type { Address } from "@testudo/core/model/Hex";
import { changesOf } from "./changesOf.ts";
import { benignPlan, type GasPlan, unlessTooLarge } from "./gateGas.ts";
import type { Baseline } from "./playBaseline.ts";
import { playTransactions } from "./playTransactions.ts";
import { readState } from "./readState.ts";
import type { Trial } from "./Trial.ts";
import type { TxRun } from "./TxRun.ts";
import { callersOf } from "./victimCalls.ts";

/** The benign transactions where nobody attacks, and what comes out otherwise than it did: by the plan by which that is least. */
export async function playPeace(baseline: Baseline, trial: Trial, attacked: readonly TxRun[]) {
  const plans: readonly GasPlan[] = trial.gates.length > 0 ? ["recorded", "enough", "much"] : ["recorded"];
  let best: Awaited<ReturnType<typeof playPeaceBy>> | undefined;
  for (const plan of plans) {
    trial.evm.revert(trial.mark);
    const played = await playPeaceBy(baseline, trial, attacked, plan).catch(unlessTooLarge(plan));
    if (played !== undefined && (best === undefined || played.changed.length < best.changed.length)) best = played;
    if (best?.changed.length === 0) break;
  }
  return best!;
}

async function playPeaceBy(baseline: Baseline, trial: Trial, attacked: readonly TxRun[], plan: GasPlan) {
  const { evm, asked, inForce, overridden } = trial;
  const callers = new Set<Address>();
  const peaceful = await playTransactions(evm, baseline.capsule, baseline.benign, {
    gas: ({ index }) => benignPlan(baseline.peaceful, index, plan),
    onOutcome: (outcome, { tx }) => {
      if (outcome.kind !== "ran") return;
      for (const one of callersOf(outcome.trace, tx.from, baseline.victims)) callers.add(one);
    },
  });
  const state = await readState(evm, asked);
  return {
    peaceful,
    changed: await changesOf(baseline, { inForce, overridden, peaceful, attacked, state, callers }),
  };
}
