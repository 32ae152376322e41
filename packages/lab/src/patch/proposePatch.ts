import { selectorOfFunction } from "@testudo/core/model/hashOfSignature";
import type { Address } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import { blockOf } from "../blockOf.ts";
import type { Capsule } from "../Capsule.ts";
import { openEvm as openOurs } from "../openEvm.ts";
import { watchState } from "../watchedState.ts";
import { candidateRules, type RuleCandidate } from "./candidateRules.ts";
import { makeGates } from "./Gate.ts";
import type { GuardRule, Patch } from "./Patch.ts";
import { type Baseline, type BaselineOptions, playBaseline } from "./playBaseline.ts";
import { type PatchReport, type SimulateOptions, simulatePatch } from "./simulatePatch.ts";

export interface ProposeOptions extends BaselineOptions, Pick<SimulateOptions, "maxLoss" | "invariants" | "exempt"> {
  /** How long a rule lasts, in seconds. Default 6 h; a program may set 36 h. */
  readonly seconds?: number;
  /** Most candidates that are tried. Default 64. */
  readonly tries?: number;
  /** Survivors that are enough. Default 3. */
  readonly enough?: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
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

export interface Scorecard {
  readonly capsule: string;
  readonly victims: readonly Address[];
  /** Calls into the victims that the rules were derived from. */
  readonly calls: { readonly attack: number; readonly benign: number };
  readonly candidates: number;
  readonly tried: number;
  readonly survived: number;
  readonly stages: readonly StageTime[];
}

export interface Proposed {
  readonly ok: boolean;
  /** Best first. */
  readonly proposals: readonly Proposal[];
  readonly scorecard: Scorecard;
}

const sixHours = 6 * 3_600;
const updatedAt = selectorOfFunction("updatedAt()");

/**
 * Makes patches for `capsule` by itself, smallest power first, and tries each: what stops the attack and leaves the benign
 * transactions as they were is kept. Throws what `playBaseline` and `simulatePatch` throw.
 */
export async function proposePatch(capsule: Capsule, options: ProposeOptions): Promise<Proposed> {
  const { now, openEvm = openOurs, tries = 64, enough = 3 } = options;
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
  const candidates = await timed(
    "candidates",
    async () => candidateRules({ calls: baseline.calls, exempt, clocks: await clocksOf(baseline, openEvm) }),
    (made) => made.length,
  );
  let tried = 0;
  const survivors = await timed(
    "simulate",
    async () => {
      const block = blockOf(capsule, baseline.placed[0]!.tx.blockNumber);
      const gates = candidates.length === 0 ? [] : await makeGates(capsule, baseline.victims, block, openEvm);
      const kept: Proposal[] = [];
      for (const candidate of candidates.slice(0, tries)) {
        // What is stronger than enough weaker ones is not looked at.
        if (kept.length >= enough && candidate.power > kept.at(-1)!.power) break;
        // More of the same says nothing: one of its rules alone was enough.
        if (kept.some(({ patch }) => patch.kind === "guardRule" && isWithin(patch.rules, candidate.rules))) continue;
        const patch = toPatch(candidate, options.seconds ?? sixHours, tried);
        const report = await simulatePatch(baseline, patch, { ...options, exempt, gates, attackFirst: true });
        tried += 1;
        if (report.ok) kept.push({ patch, why: candidate.why, power: candidate.power, report });
      }
      return kept;
    },
    () => tried,
  );
  const proposals = await timed("rank", () => survivors.toSorted(byHarm), (made) => made.length);
  const count = (role: string) => baseline.calls.filter((call) => call.role === role).length;
  return {
    ok: proposals.length > 0,
    proposals,
    scorecard: {
      capsule: capsule.name,
      victims: baseline.victims,
      calls: { attack: count("attack"), benign: count("benign") },
      candidates: candidates.length,
      tried,
      survived: proposals.length,
      stages,
    },
  };
}

function isWithin(few: readonly GuardRule[], many: readonly GuardRule[]): boolean {
  return few.every((rule) => many.some((one) => hashOf(one) === hashOf(rule)));
}

function toPatch({ rules }: RuleCandidate, seconds: number, number: number): Patch {
  const name = rules.map(({ kind, selector }) => `${kind} ${selector}`).join(", ");
  return { kind: "guardRule", name: `${number + 1}: ${name}`.slice(0, 200), rules, seconds };
}

/** What breaks less comes first; of equals the smaller power, the fewer rules, and the attack that loses least. */
function byHarm(a: Proposal, b: Proposal): number {
  const [left, right] = [keyOf(a), keyOf(b)];
  const at = left.findIndex((value, i) => value !== right[i]);
  return at < 0 ? 0 : left[at]! - right[at]!;
}

function keyOf({ report, power, patch }: Proposal): readonly number[] {
  const rules = patch.kind === "guardRule" ? patch.rules.length : 1;
  return [report.benign.changed.length, power, rules, -report.attack.failed];
}

/** Of the contracts that were asked in the middle of the attack, those that tell when they were updated. */
async function clocksOf({ capsule, consulted, placed }: Baseline, openEvm: BaselineOptions["openEvm"] & object) {
  const evm = await openEvm(watchState(capsule).source, blockOf(capsule, placed[0]!.tx.blockNumber));
  const clocks: Address[] = [];
  for (const to of consulted) {
    const answer = await evm.read({ kind: "call", to, data: updatedAt });
    if (answer.ok && answer.value.length === 66 && BigInt(answer.value) >> 40n === 0n && BigInt(answer.value) > 0n) clocks.push(to);
  }
  return clocks;
}
