import type { Evidence } from "@testudo/core/model/Evidence";
import type { EvmBlock } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { blockOf } from "../record/blockOf.ts";
import type { Applied } from "./applyPatch.ts";
import { besideOf, type Change } from "./changesOf.ts";
import { compareUpgrade } from "./compareUpgrade.ts";
import { type PatchRecord, toEvidence } from "./evidenceOfRuns.ts";
import type { Gate } from "./Gate.ts";
import { type AttackVerdict, judgeAttack } from "./judgeAttack.ts";
import { judgeProperties, type PropertyVerdict } from "./judgeProperties.ts";
import type { Patch } from "./Patch.ts";
import { playAttack } from "./playAttack.ts";
import type { Baseline } from "./playBaseline.ts";
import { playPeace } from "./playPeace.ts";
import { type PatchRaid, type RaidBudget, raidPatched } from "./raidPatched.ts";
import { type InvariantResult, readInvariants } from "./readInvariants.ts";
import { readProperties } from "./readProperties.ts";
import { openTrial, type Trial } from "./Trial.ts";
import type { TxRun } from "./TxRun.ts";
import { type Reversal, takeBack } from "./takeBack.ts";
import type { AttackOptions } from "./whyNoRule.ts";

export interface SimulateOptions extends AttackOptions {
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
  readonly attack: AttackVerdict;
  readonly benign: {
    readonly transactions: number;
    /** The places of those that fail without the patch too: that they still do says little. */
    readonly failing: readonly number[];
    readonly changed: readonly Change[];
    /** What comes out otherwise beside the attack than with the attack as it was and than without it; not held against the patch. */
    readonly beside: readonly Change[];
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
  const { maxLoss = 0n } = options;
  const trial = await openTrial(baseline, patch, options);
  const { applied, evm, mark, scene } = trial;
  const told = { atBegin: await tell(baseline, trial, firstBlock(baseline)) };
  const { attacked, attack } = applied.ok
    ? await playAttack(baseline, trial, patch, options)
    : { attacked: undefined, attack: judgeAttack(baseline, undefined, maxLoss) };
  const toldAttacked = await tell(baseline, trial, lastBlock(baseline));
  const invariants = await readInvariants(evm, baseline.invariants, lastBlock(baseline));
  evm.revert(mark);
  const goesOn = attacked !== undefined && (attack.stopped || options.attackFirst !== true);
  const { peaceful, changed } = goesOn
    ? await playPeace(baseline, trial, attacked.runs, { patch, ...options })
    : { peaceful: [], changed: [] };
  const toldPeaceful = goesOn ? await tell(baseline, trial, lastBlock(baseline)) : [];
  const properties = judgeProperties(baseline, { ...told, attacked: toldAttacked, peaceful: toldPeaceful });
  evm.revert(mark);
  const reversal = goesOn && patch.kind === "guardRule" ? await takeBack(trial.setOn, patch, applied, trial.id) : null;
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
    benign: {
      transactions: baseline.benign.length,
      failing: failingIn(baseline),
      changed,
      beside: besideOf(baseline, attacked?.runs ?? []),
    },
    invariants,
    invariantsBefore: baseline.invariantsBefore,
    properties,
    unasked: baseline.properties?.unasked ?? [],
    adversary,
    incompatible,
    enforcedBy: scene.gates.map(({ victim, enforcedBy: by }) => ({ victim, by })),
    reversal,
    ...toEvidence(baseline, trial.id, runs, { ok, ...findings }),
  };
}

/** The places of benign transactions that fail without any patch. */
export function failingIn({ peaceful }: Baseline): readonly number[] {
  return peaceful.flatMap(({ status, index }) => (status === "failed" ? [index] : []));
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
