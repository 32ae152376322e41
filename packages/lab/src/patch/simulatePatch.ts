import type { Evidence } from "@testudo/core/model/Evidence";
import type { Evm, EvmBlock, OpenEvm } from "@testudo/core/model/Evm";
import { type Address, type Hex, wordAt } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import { blockOf } from "../blockOf.ts";
import type { Loss } from "../holdings.ts";
import { openEvm as openOurs } from "../openEvm.ts";
import { watchState } from "../watchedState.ts";
import { type Applied, applyPatch, patchScene } from "./applyPatch.ts";
import { noteAsked } from "./askedState.ts";
import { type Change, changesOf } from "./changesOf.ts";
import { compareUpgrade } from "./compareUpgrade.ts";
import { type PatchRecord, toEvidence } from "./evidenceOfRuns.ts";
import type { Gate } from "./Gate.ts";
import type { Invariant, Patch } from "./Patch.ts";
import { type Baseline, playMeasured } from "./playBaseline.ts";
import { playTransactions, type TxRun } from "./playTransactions.ts";
import { readState } from "./readState.ts";
import { type Reversal, takeBack } from "./takeBack.ts";
import { callersOf } from "./victimCalls.ts";

export interface SimulateOptions {
  /** Most of each holding that may still be lost, in its smallest unit. Default 0. */
  readonly maxLoss?: bigint;
  readonly invariants?: readonly Invariant[];
  /** Selectors that no rule may touch; default: the capsule's. */
  readonly exempt?: readonly Hex[];
  readonly openEvm?: OpenEvm;
  /** Gates that were made before for the same capsule. */
  readonly gates?: readonly Gate[];
  /** Ends with the attack where that is not stopped: the rest is not worth the time. */
  readonly attackFirst?: boolean;
}

export interface InvariantResult {
  readonly name: string;
  readonly ok: boolean;
  /** What the view answered, null where it did not. */
  readonly value: bigint | null;
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
  /** What an upgrade breaks for who reads its storage or calls it, a sentence each. */
  readonly incompatible: readonly string[];
  readonly enforcedBy: readonly { readonly victim: Address; readonly by: Gate["enforcedBy"] }[];
  /** Of guard rules: whether each ends by itself and is taken back by one call. */
  readonly reversal: Reversal | null;
  readonly records: readonly PatchRecord[];
  readonly evidence: readonly Evidence[];
}

// Views of a whole protocol sum over accounts and pools.
const viewGas = 10_000_000n;
const nobody: Address = `0x${"0".repeat(40)}`;

/** Tries `patch` against what `baseline` found. Throws `GateRefused`, or what a replay throws. */
export async function simulatePatch(
  baseline: Baseline,
  patch: Patch,
  options: SimulateOptions = {},
): Promise<PatchReport> {
  const { capsule, placed, benign, victims } = baseline;
  const { maxLoss = 0n, invariants = [], openEvm = openOurs } = options;
  const exempt = options.exempt ?? capsule.exempt ?? [];
  const id = hashOf(patch);
  const block = blockOf(capsule, placed[0]!.tx.blockNumber);
  const { accounts, gates } = await patchScene(capsule, patch, block, openEvm, options.gates);
  const overridden = watchState({ ...capsule, accounts }).source;
  const { source, asked } = noteAsked(overridden);
  const evm = await openEvm(source, block);
  const applied = await applyPatch(evm, capsule, patch, { block, exempt, evidence: id });
  const mark = evm.snapshot();
  const inForce = await readState(evm, asked);
  const attacked = applied.ok
    ? await playMeasured(evm, capsule, placed, baseline.holdings, gates.length > 0)
    : undefined;
  const held = await readInvariants(evm, invariants, blockOf(capsule, placed.at(-1)!.tx.blockNumber));
  evm.revert(mark);
  const attack = judgeAttack(baseline, attacked, maxLoss);
  const goesOn = applied.ok && (attack.stopped || options.attackFirst !== true);
  const callers = new Set<Address>();
  const peaceful = goesOn
    ? await playTransactions(evm, capsule, benign, {
        gated: gates.length > 0,
        onOutcome: (outcome, { tx }) => {
          if (outcome.kind === "ran") for (const one of callersOf(outcome.trace, tx.from, victims)) callers.add(one);
        },
      })
    : [];
  const changed = goesOn
    ? await changesOf(baseline, {
        inForce,
        overridden,
        peaceful,
        attacked: attacked!.runs,
        state: await readState(evm, asked),
        callers,
      })
    : [];
  evm.revert(mark);
  const reversal = goesOn && patch.kind === "guardRule" ? await takeBack(evm, patch, applied, id) : null;
  const incompatible = compareUpgrade(patch);
  const ok =
    goesOn &&
    attack.stopped &&
    changed.length === 0 &&
    held.every((one) => one.ok) &&
    incompatible.length === 0 &&
    (reversal === null || (reversal.clears && reversal.expires));
  const runs = [
    ...(attacked?.runs ?? []).map((run) => ({ world: "attacked" as const, run })),
    ...peaceful.map((run) => ({ world: "peaceful" as const, run })),
  ];
  return {
    ok,
    patch: { name: patch.name, kind: patch.kind, id },
    applied,
    attack,
    benign: { transactions: benign.length, changed },
    invariants: held,
    incompatible,
    enforcedBy: gates.map(({ victim, enforcedBy: by }) => ({ victim, by })),
    reversal,
    ...toEvidence(baseline, id, runs, { ok, applied, attack, changed, invariants: held, incompatible, reversal }),
  };
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

async function readInvariants(
  evm: Evm,
  invariants: readonly Invariant[],
  { chainId, hardfork, ...block }: EvmBlock,
): Promise<readonly InvariantResult[]> {
  const results: InvariantResult[] = [];
  for (const { name, to, input, atMost, atLeast } of invariants) {
    const mark = evm.snapshot();
    // A read has the engine's own block, the first; what a view says now depends on the time of the last.
    const outcome = await evm.run({
      ...{ from: nobody, to, value: 0n, input, gas: viewGas, gasPrice: 0n },
      block: { ...block, baseFeePerGas: 0n },
    });
    evm.revert(mark);
    const answered = outcome.kind === "ran" && outcome.succeeded ? wordAt(outcome.output, 0) : undefined;
    const value = answered ?? null;
    // A view that does not answer any more is broken, whatever it would have said.
    const ok =
      value !== null && (atMost === undefined || value <= atMost) && (atLeast === undefined || value >= atLeast);
    results.push({ name, ok, value });
  }
  return results;
}
