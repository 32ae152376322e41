// Plans of another day on the state of today.
import type { Capsule } from "../record/Capsule.ts";
import { isBroken } from "./isBroken.ts";
import { openGround } from "./openGround.ts";
import { openTrials, type Trial } from "./openTrials.ts";
import { prepareCast } from "./prepareCast.ts";
import { PlayUndeclared, readPlay } from "./readPlay.ts";
import type { Scenario } from "./Scenario.ts";

/** What an old find comes to. */
export type Replayed =
  | {
      readonly ok: true;
      /** After what it costs, both in the unit of account, WAD. */
      readonly gainWad: bigint;
      readonly costWad: bigint;
      /** Names of the figures that are broken then, and are not without it. */
      readonly broken: readonly string[];
      /** Numbers of the powers that it needs. */
      readonly powers: readonly number[];
    }
  /** It uses what is not declared any more. */
  | { readonly ok: false; readonly why: string };

/**
 * Tells what the plan of a find's capsule comes to on `ground`, with what `scenario` declares: accounts and capital are today's, and
 * guardians do what they do today. Throws what `openGround` and `prepareCast` throw.
 */
export async function openReplay(ground: Capsule, scenario: Scenario): Promise<(found: Capsule) => Replayed> {
  const engine = await openGround(ground);
  const trials = openTrials(engine, scenario, prepareCast(engine, scenario));
  const [before] = trials.run([[]]) as [Trial];
  return (found) => {
    try {
      const plan = readPlay(found, scenario);
      const [{ gainWad, figures }] = trials.run([plan]) as [Trial];
      const powers = plan.flatMap((move) => (move.kind === "power" ? [move.power] : []));
      const costWad = powers.reduce((sum, power) => sum + scenario.powers[power]!.costWad, 0n);
      const broken = scenario.figures.flatMap((figure, i) =>
        isBroken(figure, figures[i]!) && !isBroken(figure, before.figures[i]!) ? figure.name : [],
      );
      return { ok: true, gainWad, costWad, broken, powers };
    } catch (error) {
      if (!(error instanceof PlayUndeclared)) throw error;
      return { ok: false, why: error.message };
    }
  };
}
