// What a find of the adversary says of a patch.
import type { Cast } from "../raid/Cast.ts";
import { climbPlan } from "../raid/climbPlan.ts";
import type { Claim, Confirmed } from "../raid/confirmPlan.ts";
import type { Find } from "../raid/Find.ts";
import { isBroken } from "../raid/isBroken.ts";
import type { Trials } from "../raid/openTrials.ts";
import type { Scenario } from "../raid/Scenario.ts";
import { tellPlan } from "../raid/tellPlan.ts";

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
  /** It is the recorded attack in another form: a patch against that does not reach as far as it should. */
  readonly variesAttack: boolean;
  /** On another engine, with the patch. */
  readonly confirmed: Confirmed;
  readonly atCall: number;
}

const climbRounds = 2;

/** What it says of itself, for another engine. */
export function claimOf({ plan, figure: name, gainWad }: Find, scenario: Scenario, { accounts }: Cast): Claim {
  const figure = scenario.figures.find((one) => one.name === name);
  const costWad = plan.reduce(
    (sum, move) => sum + (move.kind === "power" ? scenario.powers[move.power]!.costWad : 0n),
    0n,
  );
  return { scenario, accounts, gainWad, costWad, ...(figure === undefined ? {} : { figure }) };
}

/** `find` against the state without the patch, where `trials` run. */
export function judgeFind(
  find: Find,
  scenario: Scenario,
  trials: Trials,
  leastWad: bigint,
): Omit<PatchFind, "confirmed"> {
  const { plan, figure = null, gainWad, atCall, isSample } = find;
  const [asItIs] = trials.run([plan]);
  // Amounts that are the best with the patch need not be so without.
  const gainWithoutWad =
    figure === null ? trials.run([climbPlan(plan, trials, climbRounds)])[0]!.gainWad : asItIs!.gainWad;
  const worksWithout =
    figure === null
      ? gainWithoutWad >= leastWad && 2n * gainWithoutWad >= gainWad
      : breaksFigure(scenario, figure, asItIs!.figures);
  const is = worksWithout ? "remaining" : "new";
  return { moves: tellPlan(plan, scenario), figure, gainWad, gainWithoutWad, is, variesAttack: isSample, atCall };
}

function breaksFigure({ figures }: Scenario, name: string, values: readonly bigint[]): boolean {
  const at = figures.findIndex((figure) => figure.name === name);
  return isBroken(figures[at]!, values[at]!);
}
