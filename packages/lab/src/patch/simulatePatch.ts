import type { Evidence } from "@testudo/core/model/Evidence";
import type { Evm, EvmBlock, EvmMark, OpenEvm, StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import { blockOf } from "../blockOf.ts";
import type { Loss } from "../holdings.ts";
import { openEvm as openOurs } from "../openEvm.ts";
import { watchState } from "../watchedState.ts";
import { type Applied, applyPatch, patchScene } from "./applyPatch.ts";
import { type Asked, noteAsked } from "./askedState.ts";
import { type Change, changesOf } from "./changesOf.ts";
import { compareUpgrade } from "./compareUpgrade.ts";
import { type PatchRecord, toEvidence } from "./evidenceOfRuns.ts";
import type { Gate } from "./Gate.ts";
import type { Patch } from "./Patch.ts";
import { type Baseline, playMeasured } from "./playBaseline.ts";
import { playTransactions, type TxRun } from "./playTransactions.ts";
import { type InvariantResult, readInvariants } from "./readInvariants.ts";
import { readState, type StateReading } from "./readState.ts";
import { type Reversal, takeBack } from "./takeBack.ts";
import { callersOf } from "./victimCalls.ts";

export interface SimulateOptions {
  /** Most of each holding that may still be lost, in its smallest unit. Default 0. */
  readonly maxLoss?: bigint;
  /** Selectors that no rule may touch; default: the capsule's. */
  readonly exempt?: readonly Hex[];
  readonly openEvm?: OpenEvm;
  /** Gates that were made before for the same capsule. */
  readonly gates?: readonly Gate[];
  /** Ends with the attack where that is not stopped: the rest is not worth the time. */
  readonly attackFirst?: boolean;
}

/** What a patch does to a capsule. `ok` is the verdict: the attack is stopped and nothing else is changed. */
export interface PatchReport {
  readonly ok: boolean;
  readonly patch: { readonly name: string; readonly kind: Patch["kind"]; readonly id: Hex };
  readonly applied: Applied;
  readonly attack: {
    readonly stopped: boolean;
    /** Of the attack's transactions that succeeded without the patch, how many do not with it. */
    readonly failed: number;
    readonly succeededBefore: number;
    readonly lossesBefore: readonly Loss[];
    readonly losses: readonly Loss[];
  };
  readonly benign: { readonly transactions: number; readonly changed: readonly Change[] };
  readonly invariants: readonly InvariantResult[];
  readonly invariantsBefore: readonly InvariantResult[];
  /** What an upgrade breaks for who reads its storage or calls it, a sentence each. */
  readonly incompatible: readonly string[];
  readonly enforcedBy: readonly { readonly victim: Address; readonly by: Gate["enforcedBy"] }[];
  /** Of guard rules: whether each ends by itself and is taken back by one call. */
  readonly reversal: Reversal | null;
  readonly records: readonly PatchRecord[];
  readonly evidence: readonly Evidence[];
}

/** Tries `patch` against what `baseline` found. Throws `GateRefused`, or what a replay throws. */
export async function simulatePatch(
  baseline: Baseline,
  patch: Patch,
  options: SimulateOptions = {},
): Promise<PatchReport> {
  const trial = await openTrial(baseline, patch, options);
  const { applied, evm, mark, gates } = trial;
  const attacked = applied.ok ? await playAttack(baseline, trial) : undefined;
  const invariants = await readInvariants(evm, baseline.invariants, lastBlock(baseline));
  evm.revert(mark);
  const attack = judgeAttack(baseline, attacked, options.maxLoss ?? 0n);
  const goesOn = attacked !== undefined && (attack.stopped || options.attackFirst !== true);
  const { peaceful, changed } = goesOn
    ? await playPeace(baseline, trial, attacked.runs)
    : { peaceful: [], changed: [] };
  evm.revert(mark);
  const reversal = goesOn && patch.kind === "guardRule" ? await takeBack(evm, patch, applied, trial.id) : null;
  const findings = { applied, attack, changed, invariants, incompatible: compareUpgrade(patch), reversal };
  const ok = goesOn && holds(findings);
  const runs = [...inWorld("attacked", attacked?.runs ?? []), ...inWorld("peaceful", peaceful)];
  return {
    ok,
    patch: { name: patch.name, kind: patch.kind, id: trial.id },
    applied,
    attack,
    benign: { transactions: baseline.benign.length, changed },
    invariants,
    invariantsBefore: baseline.invariantsBefore,
    incompatible: findings.incompatible,
    enforcedBy: gates.map(({ victim, enforcedBy: by }) => ({ victim, by })),
    reversal,
    ...toEvidence(baseline, trial.id, runs, { ok, ...findings }),
  };
}

/** An engine on which a patch is in force, or failed to be. */
interface Trial {
  readonly id: Hex;
  readonly evm: Evm;
  readonly gates: readonly Gate[];
  readonly overridden: StateSource;
  readonly asked: Asked;
  readonly applied: Applied;
  /** Where the patch is in force and nothing else has run. */
  readonly mark: EvmMark;
  readonly inForce: StateReading;
}

async function openTrial({ capsule, placed }: Baseline, patch: Patch, options: SimulateOptions): Promise<Trial> {
  const { openEvm = openOurs, exempt = capsule.exempt ?? [] } = options;
  const id = hashOf(patch);
  const block = blockOf(capsule, placed[0]!.tx.blockNumber);
  const { accounts, gates } = await patchScene(capsule, patch, block, openEvm, options.gates);
  const overridden = watchState({ ...capsule, accounts }).source;
  const { source, asked } = noteAsked(overridden);
  const evm = await openEvm(source, block);
  const applied = await applyPatch(evm, capsule, patch, { block, exempt, evidence: id });
  return { id, evm, gates, overridden, asked, applied, mark: evm.snapshot(), inForce: await readState(evm, asked) };
}

function playAttack({ capsule, placed, holdings }: Baseline, { evm, gates }: Trial) {
  return playMeasured(evm, capsule, placed, holdings, gates.length > 0);
}

/** The benign transactions where nobody attacks, and what comes out otherwise than it did. */
async function playPeace(baseline: Baseline, trial: Trial, attacked: readonly TxRun[]) {
  const { evm, gates, asked, inForce, overridden } = trial;
  const callers = new Set<Address>();
  const peaceful = await playTransactions(evm, baseline.capsule, baseline.benign, {
    gated: gates.length > 0,
    onOutcome: (outcome, { tx }) => {
      if (outcome.kind !== "ran") return;
      for (const one of callersOf(outcome.trace, tx.from, baseline.victims)) callers.add(one);
    },
  });
  const state = await readState(evm, asked);
  return { peaceful, changed: await changesOf(baseline, { inForce, overridden, peaceful, attacked, state, callers }) };
}

function holds({
  attack,
  changed,
  invariants,
  incompatible,
  reversal,
}: Pick<PatchReport, "attack" | "invariants" | "incompatible" | "reversal"> & { changed: readonly Change[] }): boolean {
  const isSafe = changed.length === 0 && incompatible.length === 0 && invariants.every((one) => one.ok);
  return attack.stopped && isSafe && (reversal === null || (reversal.clears && reversal.expires));
}

function inWorld(world: "attacked" | "peaceful", runs: readonly TxRun[]) {
  return runs.map((run) => ({ world, run }));
}

function lastBlock({ capsule, placed }: Baseline): EvmBlock {
  return blockOf(capsule, placed.at(-1)!.tx.blockNumber);
}

function judgeAttack(
  { attacked: before, losses: lossesBefore }: Baseline,
  now: { readonly runs: readonly TxRun[]; readonly losses: readonly Loss[] } | undefined,
  maxLoss: bigint,
): PatchReport["attack"] {
  const did = before.filter(({ role, status }) => role === "attack" && status === "succeeded");
  const losses = now?.losses ?? lossesBefore;
  const failed =
    now === undefined
      ? 0
      : did.filter(({ index }) => now.runs.find((run) => run.index === index)!.status !== "succeeded").length;
  const isBounded = losses.every(({ amount }) => amount <= maxLoss);
  const wasBounded = lossesBefore.every(({ amount }) => amount <= maxLoss);
  // Where nothing was lost that we can see, only a failure tells that something was stopped.
  const stopped = now !== undefined && isBounded && (failed > 0 || !wasBounded);
  return { stopped, failed, succeededBefore: did.length, lossesBefore, losses };
}
