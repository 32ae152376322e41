import type { CallFrame } from "@testudo/core/model/BlockBundle";
import type { Evidence } from "@testudo/core/model/Evidence";
import type { Evm, EvmBlock, EvmMark, OpenEvm, StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import { blockOf } from "../blockOf.ts";
import { type Holding, holdingsTouched, type Loss } from "../holdings.ts";
import { openEvm as openOurs } from "../openEvm.ts";
import { ReplayTooLarge } from "../replayCapsule.ts";
import { watchState } from "../watchedState.ts";
import { type Applied, applyPatch, type PatchScene, patchScene } from "./applyPatch.ts";
import { type Asked, noteAsked } from "./askedState.ts";
import { type Change, changesOf } from "./changesOf.ts";
import { compareUpgrade } from "./compareUpgrade.ts";
import { type PatchRecord, toEvidence } from "./evidenceOfRuns.ts";
import type { Gate } from "./Gate.ts";
import type { GasPlan } from "./gateGas.ts";
import { judgeProperties, type PropertyVerdict } from "./judgeProperties.ts";
import type { Patch } from "./Patch.ts";
import { type Baseline, playMeasured } from "./playBaseline.ts";
import { type PlayOptions, playTransactions } from "./playTransactions.ts";
import { type PatchRaid, type RaidBudget, raidPatched } from "./raidPatched.ts";
import { type InvariantResult, readInvariants } from "./readInvariants.ts";
import { readProperties } from "./readProperties.ts";
import { readState, type StateReading } from "./readState.ts";
import { hasRefused } from "./refusals.ts";
import type { TxRun } from "./TxRun.ts";
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
  /** Default: no adversary searches. With `attackFirst` he does so only where all else holds. */
  readonly adversary?: RaidBudget;
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
  readonly benign: {
    readonly transactions: number;
    /** The places of those that fail without the patch too: that they still do says little. */
    readonly failing: readonly number[];
    readonly changed: readonly Change[];
  };
  readonly invariants: readonly InvariantResult[];
  readonly invariantsBefore: readonly InvariantResult[];
  /** What the Solidity properties are, with and without the patch. */
  readonly properties: readonly PropertyVerdict[];
  /** Named like properties, and not asked: they take arguments. */
  readonly unasked: readonly string[];
  /** What an adversary finds on the patched state; null where none was asked for. */
  readonly adversary: PatchRaid | null;
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
  const told = { atBegin: await tell(baseline, trial, firstBlock(baseline)) };
  const { attacked, attack } = applied.ok
    ? await playAttack(baseline, trial, patch, options)
    : { attacked: undefined, attack: judgeAttack(baseline, undefined, options) };
  const toldAttacked = await tell(baseline, trial, lastBlock(baseline));
  const invariants = await readInvariants(evm, baseline.invariants, lastBlock(baseline));
  evm.revert(mark);
  const goesOn = attacked !== undefined && (attack.stopped || options.attackFirst !== true);
  const { peaceful, changed } = goesOn
    ? await playPeace(baseline, trial, attacked.runs)
    : { peaceful: [], changed: [] };
  const toldPeaceful = goesOn ? await tell(baseline, trial, lastBlock(baseline)) : [];
  const properties = judgeProperties(baseline, { ...told, attacked: toldAttacked, peaceful: toldPeaceful });
  evm.revert(mark);
  const reversal = goesOn && patch.kind === "guardRule" ? await takeBack(evm, patch, applied, trial.id) : null;
  const incompatible = compareUpgrade(patch);
  const judged = { applied, attack, changed, invariants, properties, incompatible, reversal };
  const holdsSoFar = goesOn && holds(judged);
  const adversary = await raidTrial(baseline, patch, trial, options, holdsSoFar);
  const findings = { ...judged, adversary };
  const ok = holdsSoFar && isNothingNew(adversary);
  const runs = [...inWorld("attacked", attacked?.runs ?? []), ...inWorld("peaceful", peaceful)];
  return {
    ok,
    patch: { name: patch.name, kind: patch.kind, id: trial.id },
    applied,
    attack,
    benign: { transactions: baseline.benign.length, failing: failingIn(baseline), changed },
    invariants,
    invariantsBefore: baseline.invariantsBefore,
    properties,
    unasked: baseline.properties?.unasked ?? [],
    adversary,
    incompatible,
    enforcedBy: gates.map(({ victim, enforcedBy: by }) => ({ victim, by })),
    reversal,
    ...toEvidence(baseline, trial.id, runs, { ok, ...findings }),
  };
}

/** The places of benign transactions that fail without any patch. */
export function failingIn({ peaceful }: Baseline): readonly number[] {
  return peaceful.flatMap(({ status, index }) => (status === "failed" ? [index] : []));
}

/** An engine on which a patch is in force, or failed to be. */
interface Trial {
  readonly id: Hex;
  readonly evm: Evm;
  readonly gates: readonly Gate[];
  readonly scene: PatchScene;
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
  const scene = await patchScene(capsule, patch, block, openEvm, options.gates);
  const { accounts, gates } = scene;
  const overridden = watchState({ ...capsule, accounts }).source;
  const { source, asked } = noteAsked(overridden);
  const evm = await openEvm(source, block);
  const applied = await applyPatch(evm, capsule, patch, { block, exempt, evidence: id });
  const inForce = await readState(evm, asked);
  return { id, evm, gates, scene, overridden, asked, applied, mark: evm.snapshot(), inForce };
}

async function tell({ properties }: Baseline, { evm }: Trial, block: EvmBlock) {
  return properties === undefined ? [] : readProperties(evm, properties, block);
}

/** The adversary where one is asked for, and the patch is in force. */
async function raidTrial(
  baseline: Baseline,
  patch: Patch,
  { applied, scene }: Trial,
  { adversary, attackFirst, exempt = baseline.capsule.exempt ?? [] }: SimulateOptions,
  holdsSoFar: boolean,
): Promise<PatchRaid | null> {
  if (adversary === undefined || (attackFirst === true && !holdsSoFar)) return null;
  if (!applied.ok) return { ran: false, why: "The patch is not in force." };
  return raidPatched(baseline, patch, scene, exempt, adversary);
}

/** What works without the patch too is no reason against it, nor is what another engine came to otherwise; not to have asked one is none for it. */
function isNothingNew(adversary: PatchRaid | null): boolean {
  return (
    adversary === null ||
    !adversary.ran ||
    adversary.finds.every(({ is, confirmed }) => is === "remaining" || !(confirmed.ok || confirmed.notRun))
  );
}

/**
 * The attack by each plan until it is not stopped; what was recorded comes last, for what is read afterwards. A rule that refuses
 * nothing by any plan stops nothing, whatever else goes wrong behind its gate.
 */
async function playAttack(baseline: Baseline, trial: Trial, patch: Patch, options: SimulateOptions) {
  const plans: readonly GasPlan[] = trial.gates.length > 0 ? ["much", "enough", "recorded"] : ["recorded"];
  let isRefused = patch.kind !== "guardRule";
  for (const plan of plans) {
    trial.evm.revert(trial.mark);
    const attacked = await playAttackBy(baseline, trial, patch, plan).catch(unlessTooLarge(plan));
    if (attacked === undefined) continue;
    isRefused ||= attacked.isRefused;
    const attack = judgeAttack(baseline, attacked, options);
    if (!attack.stopped) return { attacked, attack };
    if (plan === "recorded") return { attacked, attack: { ...attack, stopped: isRefused } };
  }
  throw new Error("No plan was played.");
}

/** More gas than was recorded may be more than a run can hold: an attack that goes on for as long as it has some. */
function unlessTooLarge(plan: GasPlan) {
  return (error: unknown): undefined => {
    if (plan !== "much" || !(error instanceof ReplayTooLarge)) throw error;
  };
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

/** What failed without a patch has no more than then: with more it may succeed. */
function benignPlan(was: readonly TxRun[], index: number, plan: GasPlan): GasPlan {
  return was.find((run) => run.index === index)?.status === "failed" ? "recorded" : plan;
}

/** The benign transactions where nobody attacks, and what comes out otherwise than it did: by the plan by which that is least. */
async function playPeace(baseline: Baseline, trial: Trial, attacked: readonly TxRun[]) {
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

function holds({
  attack,
  changed,
  invariants,
  properties,
  incompatible,
  reversal,
}: Pick<PatchReport, "attack" | "invariants" | "properties" | "incompatible" | "reversal"> & {
  changed: readonly Change[];
}): boolean {
  const isKept = [...invariants, ...properties].every(({ ok }) => ok);
  const isSafe = changed.length === 0 && incompatible.length === 0 && isKept;
  return attack.stopped && isSafe && (reversal === null || (reversal.clears && reversal.expires));
}

function inWorld(world: "attacked" | "peaceful", runs: readonly TxRun[]) {
  return runs.map((run) => ({ world, run }));
}

function firstBlock({ capsule, placed }: Baseline): EvmBlock {
  return blockOf(capsule, placed[0]!.tx.blockNumber);
}

function lastBlock({ capsule, placed }: Baseline): EvmBlock {
  return blockOf(capsule, placed.at(-1)!.tx.blockNumber);
}

function judgeAttack(
  { attacked: before, losses: lossesBefore }: Baseline,
  now: AttackPlayed | undefined,
  { maxLoss = 0n }: SimulateOptions,
): PatchReport["attack"] {
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
