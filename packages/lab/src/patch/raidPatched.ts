// The adversary against a patch: a search for value taken out of the patched state, whose finds are held against the state
// without the patch.
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Engine } from "@testudo/evm/openEngine";
import { EngineMemoryExhausted } from "@testudo/evm/World";
import type { Peer } from "../capsule/confirmOn.ts";
import { confirmPlan } from "../raid/confirmPlan.ts";
import { CodeMissing } from "../raid/openGround.ts";
import { NothingToCall, openRaid } from "../raid/openRaid.ts";
import { openTrials } from "../raid/openTrials.ts";
import { CapitalOutOfReach, prepareCast } from "../raid/prepareCast.ts";
import type { Figure, Scenario } from "../raid/Scenario.ts";
import { tellPlan } from "../raid/tellPlan.ts";
import { groundOf, toCapsule } from "../raid/toCapsule.ts";
import type { PatchScene } from "./applyPatch.ts";
import { attackPlan } from "./attackPlan.ts";
import { NotInForce, openBareGround, openPatchedGround } from "./openPatchedGround.ts";
import type { Patch } from "./Patch.ts";
import { claimOf, judgeFind, type PatchFind } from "./PatchFind.ts";
import type { Baseline } from "./playBaseline.ts";
import { raidScenario, stands } from "./raidScenario.ts";

/** How long the adversary searches, and from where. */
export interface RaidBudget {
  /** At least so many calls, a little more; 0: no search. */
  readonly calls: number;
  readonly seed: number;
  /** Ends it earlier, where both are given; what is found then depends on the machine. */
  readonly seconds?: number;
  /** Milliseconds of a clock that only goes forward; for `seconds` alone. */
  readonly now?: () => number;
  /** The engine that finds are run again on; not ours. */
  readonly peer: Peer;
  /** What is declared of the attacker. Default: guessed from the victims and the attack. */
  readonly declared?: {
    readonly scenario: Scenario;
    readonly leastWad: bigint;
    /** Has code where the patch is in force. */
    readonly coded?: readonly Address[];
  };
}

/** What the adversary found, or why it did not search. */
export type PatchRaid =
  | { readonly ran: false; readonly why: string }
  | {
      readonly ran: true;
      readonly calls: number;
      readonly seed: number;
      readonly start: RaidStart;
      readonly finds: readonly PatchFind[];
    };

/** The recorded attack, as far as the search began with it. */
export interface RaidStart {
  /** None where nothing of it can be played. */
  readonly moves: readonly string[];
  /** What those moves alone gain with the patch, and without, in the unit of account, WAD. */
  readonly gainWad: bigint;
  readonly gainWithoutWad: bigint;
  /** What of the attack is not among them, a sentence each. */
  readonly left: readonly string[];
}

const vain = "What makes it pay: without the patch these moves gain nothing that counts either.";
const stretch = 200;
// Prices are 1 each: less is dust.
const leastGuessed = 10n ** 15n;

/** Searches the state with `patch` in force, whose scene is `scene`. */
export async function raidPatched(
  baseline: Baseline,
  patch: Patch,
  scene: PatchScene,
  exempt: readonly Hex[],
  budget: RaidBudget,
): Promise<PatchRaid> {
  if (budget.calls === 0) return { ran: false, why: "It was given no calls." };
  try {
    const { capsule, properties: book } = baseline;
    const bare = await openBareGround({ capsule, book });
    const patched = await openPatchedGround({ capsule, book }, scene.accounts, patch, exempt);
    if (budget.declared === undefined && !baseline.victims.some((victim) => stands(bare, victim)))
      return { ran: false, why: "No victim stands where the search begins." };
    const { scenario: open, leastWad } = budget.declared ?? {
      scenario: await raidScenario(baseline, bare, patched),
      leastWad: leastGuessed,
    };
    const hasCode = (address: Address) => (patched.account(address)?.code.length ?? 0) > 0;
    const missing = budget.declared?.coded?.find((address) => !hasCode(address));
    if (missing !== undefined) throw new NotInScene(missing);
    const absent = open.contracts.find(({ address }) => !hasCode(address));
    if (absent !== undefined)
      return { ran: false, why: `The scenario's ${absent.name} (${absent.address}) has no code in this capsule.` };
    const scenario = { ...open, figures: [...open.figures, ...(book?.properties ?? []).map(toFigure)] };
    return await raid({ bare, patched }, baseline, scenario, leastWad, budget);
  } catch (error) {
    if (!isKnown(error)) throw error;
    return { ran: false, why: error.message };
  }
}

/** What is declared of an adversary names what has no code where the patch is in force. A fault of the input. */
export class NotInScene extends Error {
  override readonly name = "NotInScene";
  constructor(address: Address) {
    super(
      [
        `The scenario names ${address}, which is no contract where the patch is in force.`,
        "- Allowed as victim, contract and token: what has code there.",
        "- Correct it, or record more.",
      ].join("\n"),
    );
  }
}

const isKnown = (error: unknown): error is Error =>
  [CapitalOutOfReach, CodeMissing, EngineMemoryExhausted, NothingToCall, NotInForce].some(
    (one) => error instanceof one,
  );

const toFigure = ({ name, to, input }: Pick<Figure, "name" | "to" | "input">): Figure => ({
  ...{ name, to, input, word: 0 },
  breaks: { below: 1n },
});

async function raid(
  { bare, patched }: { readonly bare: Engine; readonly patched: Engine },
  { attack, capsule }: Baseline,
  scenario: Scenario,
  leastWad: bigint,
  { calls, seed, seconds = Number.POSITIVE_INFINITY, now = () => 0, peer }: RaidBudget,
): Promise<PatchRaid> {
  const begin = now();
  const { plan, left } = attackPlan(attack, scenario);
  const search = openRaid(patched, scenario, seed, leastWad, undefined, plan);
  while (search.calls < calls && now() - begin < 1_000 * seconds)
    search.advance(Math.min(stretch, calls - search.calls));
  const trials = openTrials(bare, scenario, prepareCast(bare, scenario));
  const [gainWad, gainWithoutWad] = [openTrials(patched, scenario, search.cast), trials].map(
    (each) => each.run([plan])[0]!.gainWad,
  ) as [bigint, bigint];
  const isVain = plan.length > 0 && gainWithoutWad < leastWad;
  const start = { moves: tellPlan(plan, scenario), gainWad, gainWithoutWad, left: isVain ? [...left, vain] : left };
  const finds: PatchFind[] = [];
  for (const find of search.finds) {
    const played = toCapsule(patched, groundOf(capsule), scenario, search.cast, find.plan);
    const confirmed = await confirmPlan(peer, played, claimOf(find, scenario, search.cast));
    finds.push({ ...judgeFind(find, scenario, trials, leastWad), confirmed });
  }
  return { ran: true, calls: search.calls, seed, start, finds };
}
