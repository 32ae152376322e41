// Everybody else's transactions where a patch is in force, and what it changes for them.
import type { OpenEvm } from "@testudo/core/model/Evm";
import type { Address } from "@testudo/core/model/Hex";
import { changesOf, isAsInPeace, keysWritten } from "./changesOf.ts";
import { type GasPlan, unlessTooLarge } from "./gateGas.ts";
import type { Patch } from "./Patch.ts";
import type { Baseline } from "./playBaseline.ts";
import { playTransactions } from "./playTransactions.ts";
import { readState } from "./readState.ts";
import { sharedKeys } from "./sharedKeys.ts";
import type { Trial } from "./Trial.ts";
import type { TxRun } from "./TxRun.ts";
import { callersOf } from "./victimCalls.ts";

// The one that changes least is right: what one of them needs another may not bear.
const orders: readonly (readonly GasPlan[])[] = [
  ["recorded", "enough", "much"],
  ["enough", "recorded", "much"],
  ["much", "enough", "recorded"],
];

/** The benign transactions where nobody attacks, and what comes out otherwise than it did, whatever gas is tried first. */
export async function playPeace(baseline: Baseline, trial: Trial, attacked: readonly TxRun[], by: PeaceOptions) {
  const written = by.patch.kind === "transactions" ? await keysWritten(baseline, trial.inForce) : [];
  const shared = await sharedKeys(baseline, written, by.openEvm);
  const payers = by.patch.kind === "transactions" ? by.patch.transactions.map(({ from }) => from) : [];
  let best: Awaited<ReturnType<typeof playPeaceBy>> | undefined;
  for (const plans of trial.scene.gates.length > 0 ? orders : [["recorded"] as const]) {
    trial.evm.revert(trial.mark);
    const played = await playPeaceBy(baseline, trial, { attacked, plans, shared, payers }).catch(
      unlessTooLarge(plans[0]!),
    );
    if (played !== undefined && (best === undefined || played.changed.length < best.changed.length)) best = played;
    if (best?.changed.length === 0) break;
  }
  return best!;
}

export interface PeaceOptions {
  readonly patch: Patch;
  readonly openEvm?: OpenEvm;
}

interface Peace {
  readonly attacked: readonly TxRun[];
  readonly plans: readonly GasPlan[];
  readonly shared: ReadonlySet<string>;
  readonly payers: readonly Address[];
}

async function playPeaceBy(baseline: Baseline, trial: Trial, { attacked, plans, shared, payers }: Peace) {
  const { evm, asked, inForce, overridden, scene } = trial;
  const guarded = [...new Set([...baseline.victims, ...scene.gates.map(({ victim }) => victim)])];
  const callers = new Set<Address>();
  const peaceful = await playTransactions(evm, baseline.capsule, baseline.benign, {
    plansFor: () => plans,
    isGood: (run) => isAsInPeace(baseline, run),
    onOutcome: (outcome, { tx }) => {
      if (outcome.kind !== "ran") return;
      for (const one of callersOf(outcome.trace, tx.from, guarded)) callers.add(one);
    },
  });
  const state = await readState(evm, asked);
  const patched = {
    inForce,
    overridden,
    peaceful,
    attacked,
    state,
    callers,
    guarded,
    shared,
    payers,
  };
  return { peaceful, changed: await changesOf(baseline, patched) };
}
