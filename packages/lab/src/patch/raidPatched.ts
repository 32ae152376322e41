// The adversary against a patch: a search for value taken out of the patched state, whose finds are held against the state
// without the patch.
import type { Hex } from "@testudo/core/model/Hex";
import type { Engine } from "@testudo/evm/openEngine";
import { EngineMemoryExhausted } from "@testudo/evm/World";
import { climbPlan } from "../raid/climbPlan.ts";
import type { Find } from "../raid/Find.ts";
import { isBroken } from "../raid/isBroken.ts";
import { CodeMissing } from "../raid/openGround.ts";
import { NothingToCall, openRaid } from "../raid/openRaid.ts";
import { openTrials, type Trials } from "../raid/openTrials.ts";
import { CapitalOutOfReach, prepareCast } from "../raid/prepareCast.ts";
import type { Figure, Scenario } from "../raid/Scenario.ts";
import { tellPlan } from "../raid/tellPlan.ts";
import type { PatchScene } from "./applyPatch.ts";
import { NotInForce, openBareGround, openPatchedGround } from "./openPatchedGround.ts";
import type { Patch } from "./Patch.ts";
import type { Baseline } from "./playBaseline.ts";
import { raidScenario } from "./raidScenario.ts";

/** How long the adversary searches, and from where. */
export interface RaidBudget {
  /** At least so many calls, a little more; 0: no search. */
  readonly calls: number;
  readonly seed: number;
  /** Ends it earlier, where both are given; what is found then depends on the machine. */
  readonly seconds?: number;
  /** Milliseconds of a clock that only goes forward; for `seconds` alone. */
  readonly now?: () => number;
  /** What is declared of the attacker. Default: guessed from the victims. */
  readonly declared?: { readonly scenario: Scenario; readonly leastWad: bigint };
}

/** What the adversary found, or why it did not search. */
export type PatchRaid =
  | { readonly ran: false; readonly why: string }
  | { readonly ran: true; readonly calls: number; readonly seed: number; readonly finds: readonly PatchFind[] };

/** A plan that works on the patched state. */
export interface PatchFind {
  readonly moves: readonly string[];
  /** The figure or property that it breaks; null where it is the gain that counts. */
  readonly figure: string | null;
  /** In the unit of account, WAD: with the patch, and without. */
  readonly gainWad: bigint;
  readonly gainWithoutWad: bigint;
  /** It works without the patch too, or is the patch's own doing. */
  readonly is: "remaining" | "new";
  readonly atCall: number;
}

const stretch = 200;
// Prices are 1 each: less is dust.
const leastGuessed = 10n ** 15n;
const climbRounds = 2;

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
    const { scenario: open, leastWad } = budget.declared ?? {
      scenario: await raidScenario(baseline, bare, patched),
      leastWad: leastGuessed,
    };
    const absent = open.contracts.find(({ address }) => (patched.account(address)?.code.length ?? 0) === 0);
    if (absent !== undefined)
      return { ran: false, why: `The scenario's ${absent.name} (${absent.address}) has no code in this capsule.` };
    const scenario = { ...open, figures: [...open.figures, ...(book?.properties ?? []).map(toFigure)] };
    return raid({ bare, patched }, scenario, leastWad, budget);
  } catch (error) {
    if (!isKnown(error)) throw error;
    return { ran: false, why: error.message };
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

function raid(
  { bare, patched }: { readonly bare: Engine; readonly patched: Engine },
  scenario: Scenario,
  leastWad: bigint,
  { calls, seed, seconds = Number.POSITIVE_INFINITY, now = () => 0 }: RaidBudget,
): PatchRaid {
  const start = now();
  const search = openRaid(patched, scenario, seed, leastWad);
  while (search.calls < calls && now() - start < 1_000 * seconds)
    search.advance(Math.min(stretch, calls - search.calls));
  const trials = openTrials(bare, scenario, prepareCast(bare, scenario));
  const finds = search.finds.map((find) => held(find, scenario, trials, leastWad));
  return { ran: true, calls: search.calls, seed, finds };
}

/** `find` against the state without the patch, where `trials` run. */
function held(find: Find, scenario: Scenario, trials: Trials, leastWad: bigint): PatchFind {
  const { plan, figure = null, gainWad, atCall } = find;
  const [asItIs] = trials.run([plan]);
  // Amounts that are the best with the patch need not be so without.
  const gainWithoutWad =
    figure === null ? trials.run([climbPlan(plan, trials, climbRounds)])[0]!.gainWad : asItIs!.gainWad;
  const worksWithout =
    figure === null
      ? gainWithoutWad >= leastWad && 2n * gainWithoutWad >= gainWad
      : breaksFigure(scenario, figure, asItIs!.figures);
  const is = worksWithout ? "remaining" : "new";
  return { moves: tellPlan(plan, scenario), figure, gainWad, gainWithoutWad, is, atCall };
}

function breaksFigure({ figures }: Scenario, name: string, values: readonly bigint[]): boolean {
  const at = figures.findIndex((figure) => figure.name === name);
  return isBroken(figures[at]!, values[at]!);
}
