import type { Evm, OpenEvm } from "@testudo/core/model/Evm";
import type { GuardRule } from "@testudo/core/model/GuardRule";
import { type Address, type Hex, wordAt } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import { functionSelector } from "@testudo/core/model/signatureHash";
import { watchState } from "../capsule/watchedState.ts";
import { openEvm as openOurs } from "../engine/openEvm.ts";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule } from "../record/Capsule.ts";
import { candidateRules } from "./candidateRules.ts";
import { candidateUpgrades, type DeclinedUpgrade, type SourceInput } from "./candidateUpgrades.ts";
import { candidateValues } from "./candidateValues.ts";
import { GateRefused, makeGates } from "./Gate.ts";
import type { Patch } from "./Patch.ts";
import { type Baseline, type BaselineOptions, playBaseline } from "./playBaseline.ts";
import { failingIn, type PatchReport, type SimulateOptions, simulatePatch } from "./simulatePatch.ts";
import type { Consulted, VictimCall } from "./victimCalls.ts";
import { whyNot } from "./whyNot.ts";

export interface ProposeOptions
  extends BaselineOptions,
    Pick<SimulateOptions, "maxLoss" | "exempt" | "adversary" | "mayOutlast"> {
  /** How long a rule lasts, in seconds. Default 6 h; a program may set 36 h. */
  readonly seconds?: number;
  /** Most candidates that are tried. Default 64. */
  readonly tries?: number;
  /** No candidate is begun after so many milliseconds of trying. Default ten minutes. */
  readonly budgetMs?: number;
  /** Survivors that are enough. Default 3. */
  readonly enough?: number;
  /** Who may propose at the protocol's RiskSteward; without it no parameter is tried. */
  readonly steward?: Address;
  /** The victims' sources; without them no upgrade is tried. */
  readonly source?: SourceInput;
  /** What is tried in a candidate's place, or why it may not be the answer. Default: all are tried as they are. */
  readonly admit?: (patch: Patch) => Patch | string;
  /** Asked before each candidate is tried; where the answer is false, what held until then is proposed. Default: all are tried. */
  readonly goOn?: (progress: TryProgress) => Promise<boolean>;
  /** More of the honest calls into the victims, known by their input alone: candidates are made from them and held against them. */
  readonly alsoHonest?: readonly VictimCall[];
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** How far the trying is. */
export interface TryProgress {
  readonly tried: number;
  /** Most that may be tried. */
  readonly of: number;
  readonly held: number;
  /** The candidate that is next. */
  readonly name: string;
}

/** A patch that holds, with why it was tried and what it was found to do. */
export interface Proposal {
  readonly patch: Patch;
  readonly why: string;
  readonly power: number;
  readonly report: PatchReport;
}

/** What one stage of the proposal took, and how many things it made or tried. */
export interface StageTime {
  readonly stage: "baseline" | "candidates" | "simulate" | "rank";
  readonly ms: number;
  readonly count: number;
}

/** A candidate that was looked at. `refused` says why it is none of the proposals; without it, it is one. */
export interface Looked {
  readonly name: string;
  /** Its guard rules, as they were tried; none of another kind of patch. */
  readonly rules: readonly GuardRule[];
  readonly why: string;
  readonly refused?: string;
}

export interface Scorecard {
  readonly capsule: string;
  readonly victims: readonly Address[];
  /** Calls into the victims that the rules were derived from. */
  readonly calls: { readonly attack: number; readonly benign: number };
  /** Benign transactions that fail without a patch, too: that they still do says little. */
  readonly failing: number;
  readonly candidates: number;
  readonly tried: number;
  readonly survived: number;
  /** Whether it was told to end before all were tried that it may try. */
  readonly stopped: boolean;
  /** Every candidate up to the last that was tried, in their order. */
  readonly looked: readonly Looked[];
  /** Templates that made no upgrade of the sources, and why; none without sources. */
  readonly declined: readonly DeclinedUpgrade[];
  readonly stages: readonly StageTime[];
}

export interface Proposed {
  readonly ok: boolean;
  /** Best first. */
  readonly proposals: readonly Proposal[];
  readonly scorecard: Scorecard;
}

const sixHours = 6 * 3_600;
const tenMinutes = 600_000;
// Above every guard rule: those end by themselves.
const parameterPower = 100;
// It waits for the timelock, and may do anything.
const upgradePower = 10_000;
const updatedAt = functionSelector("updatedAt()");

/**
 * Makes patches for `capsule` by itself, smallest power first, and tries each: what stops the attack and leaves the benign
 * transactions as they were is kept. Throws what `playBaseline` and `simulatePatch` throw.
 */
export async function proposePatch(capsule: Capsule, options: ProposeOptions): Promise<Proposed> {
  const { now, openEvm = openOurs } = options;
  const exempt = options.exempt ?? capsule.exempt ?? [];
  const stages: StageTime[] = [];
  const timed = async <T>(stage: StageTime["stage"], work: () => Promise<T> | T, count: (made: T) => number) => {
    const start = now();
    const made = await work();
    stages.push({ stage, ms: now() - start, count: count(made) });
    return made;
  };
  const baseline = await timed(
    "baseline",
    () => playBaseline(capsule, options),
    ({ placed }) => placed.length,
  );
  const { candidates, declined } = await timed(
    "candidates",
    () => candidatesOf(baseline, { ...options, exempt, openEvm }),
    (made) => made.candidates.length,
  );
  const { kept, tried, looked, stopped } = await timed(
    "simulate",
    () => tryCandidates(baseline, candidates, { ...options, exempt, openEvm }),
    (made) => made.tried,
  );
  const proposals = await timed(
    "rank",
    () => kept.toSorted(byHarm),
    (made) => made.length,
  );
  const count = (role: string) => baseline.calls.filter((call) => call.role === role).length;
  return {
    ok: proposals.length > 0,
    proposals,
    scorecard: {
      capsule: capsule.name,
      victims: baseline.victims,
      calls: { attack: count("attack"), benign: count("benign") },
      failing: failingIn(baseline).length,
      candidates: candidates.length,
      tried,
      survived: proposals.length,
      stopped,
      looked,
      declined,
      stages,
    },
  };
}

interface Settled extends ProposeOptions {
  readonly exempt: readonly Hex[];
  readonly openEvm: OpenEvm;
}

/**
 * The victims' gates, made once for all rules. Where a victim takes none, what is left is tried without rules; one that a
 * transaction makes is not there to be ruled.
 */
async function gatesFor({ capsule, victims, placed }: Baseline, candidates: readonly Candidate[], openEvm: OpenEvm) {
  const others = candidates.filter(({ patch }) => patch.kind !== "guardRule");
  if (others.length === candidates.length) return { gates: [], tryable: others };
  try {
    const block = blockOf(capsule, placed[0]!.tx.blockNumber);
    const standing = victims.filter((victim) => (capsule.accounts.get(victim)?.code ?? "0x") !== "0x");
    const gates = await makeGates(capsule, standing.length === 0 ? victims : standing, block, openEvm);
    return { gates, tryable: candidates.filter(({ patch }) => isOn(standing, patch)) };
  } catch (error) {
    if (!(error instanceof GateRefused) || others.length === 0) throw error;
    return { gates: [], tryable: others };
  }
}

function isOn(standing: readonly Address[], patch: Patch): boolean {
  return patch.kind !== "guardRule" || patch.rules.every(({ target }) => standing.includes(target));
}

async function tryCandidates(baseline: Baseline, candidates: readonly Candidate[], options: Settled) {
  const { now, openEvm, tries = 64, enough = 3, budgetMs = tenMinutes, admit = (patch: Patch) => patch } = options;
  const { goOn = async () => true } = options;
  const { gates, tryable } = await gatesFor(baseline, candidates, openEvm);
  const kept: Proposal[] = [];
  const looked: Looked[] = [];
  const start = now();
  let tried = 0;
  let stopped = false;
  for (const { patch: candidate, why, power } of tryable) {
    if (tried >= tries || now() - start > budgetMs) break;
    // What is stronger than enough weaker ones is not looked at.
    if (kept.length >= enough && power > kept.at(-1)!.power) break;
    const patch = admit(candidate);
    if (typeof patch === "string") {
      looked.push({ ...nameOf(candidate), why, refused: patch });
      continue;
    }
    // More of the same says nothing: one of its rules alone was enough.
    if (kept.some((one) => isWithin(one.patch, patch))) continue;
    const progress = { tried, of: Math.min(tries, tryable.length), held: kept.length, name: patch.name };
    stopped = !(await goOn(progress));
    if (stopped) break;
    const report = await simulatePatch(baseline, patch, { ...options, gates, attackFirst: true });
    tried += 1;
    looked.push({ ...nameOf(patch), why, ...(report.ok ? {} : { refused: whyNot(report) }) });
    if (report.ok) kept.push({ patch, why, power, report });
  }
  return { kept, tried, looked, stopped };
}

function nameOf(patch: Patch): Pick<Looked, "name" | "rules"> {
  return { name: patch.name, rules: patch.kind === "guardRule" ? patch.rules : [] };
}

interface Candidate {
  readonly patch: Patch;
  readonly power: number;
  readonly why: string;
}

/** Guard rules in the order of their power, then parameters, then upgrades. */
async function candidatesOf(
  baseline: Baseline,
  { exempt, openEvm, seconds = sixHours, steward, source, alsoHonest = [] }: Settled,
): Promise<{ readonly candidates: readonly Candidate[]; readonly declined: readonly DeclinedUpgrade[] }> {
  const { capsule, placed, calls, consulted } = baseline;
  const evm = await openEvm(watchState(capsule).source, blockOf(capsule, placed[0]!.tx.blockNumber));
  // First those that no simulation plays: of very many calls the last are not held against a candidate.
  const rules = candidateRules({ calls: [...alsoHonest, ...calls], exempt, clocks: await clocksAmong(evm, consulted) });
  const values = steward === undefined ? [] : await candidateValues(evm, consulted, steward);
  const upgrades = source === undefined ? { candidates: [], declined: [] } : candidateUpgrades(baseline, source);
  const candidates = [
    ...rules.map(({ rules: own, power, why }): Candidate => {
      const name = own.map(({ kind, selector }) => `${kind} ${selector}`).join(", ");
      return { patch: { kind: "guardRule", name: name.slice(0, 200), rules: own, seconds }, power, why };
    }),
    // A tighter value is a stronger one.
    ...values.map(({ patch, why }, i): Candidate => ({ patch, why, power: parameterPower + i })),
    ...upgrades.candidates.map(({ patch, why }): Candidate => ({ patch, why, power: upgradePower })),
  ];
  return { candidates, declined: upgrades.declined };
}

/** Of the contracts that were asked in the middle of the attack, those that tell when they were updated. */
async function clocksAmong(evm: Evm, consulted: readonly Consulted[]): Promise<readonly Address[]> {
  const clocks: Address[] = [];
  for (const to of new Set(consulted.map((one) => one.to))) {
    const answer = await evm.read({ kind: "call", to, data: updatedAt });
    const at = answer.ok ? (wordAt(answer.value, 0) ?? 0n) : 0n;
    if (at > 0n && at >> 40n === 0n) clocks.push(to);
  }
  return clocks;
}

function isWithin(few: Patch, many: Patch): boolean {
  if (few.kind !== "guardRule" || many.kind !== "guardRule") return false;
  return few.rules.every((rule) => many.rules.some((one) => hashOf(one) === hashOf(rule)));
}

/**
 * What breaks less comes first; of equals what no variation of the attack gets by, then the smaller power, the fewer rules, and the
 * attack that loses least.
 */
function byHarm(a: Proposal, b: Proposal): number {
  const [left, right] = [keyOf(a), keyOf(b)];
  const at = left.findIndex((value, i) => value !== right[i]);
  return at < 0 ? 0 : left[at]! - right[at]!;
}

function keyOf({ report, power, patch }: Proposal): readonly number[] {
  const rules = patch.kind === "guardRule" ? patch.rules.length : 1;
  return [report.benign.changed.length, isEvaded(report) ? 1 : 0, power, rules, -report.attack.failed];
}

/** The adversary got by it with the attack in another form, and another engine came to the same. */
function isEvaded({ adversary }: PatchReport): boolean {
  return adversary?.ran === true && adversary.finds.some(({ variesAttack, confirmed }) => variesAttack && confirmed.ok);
}
