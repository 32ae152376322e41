import { crossingChance } from "../crossingChance.ts";
import { AttackInputError, assertWithin } from "./AttackInputError.ts";
import { chancesOfRuns } from "./ownedSlots.ts";
import type { Chance } from "./Threat.ts";

/** The probability that a chance's own model gives it. Throws AttackInputError for what is out of range. */
export function probabilityOf(chance: Chance): number {
  switch (chance.model) {
    case "always":
      return 1;
    case "slots":
      return chancesOfRuns(chance.share, chance.slots, chance.within, chance.runs)[chance.runs]!;
    case "move":
      return moveProbability(chance);
    case "stated":
      assertWithin("probability", chance.probability, 0, 1);
      return chance.probability;
    default:
      return never(chance);
  }
}

function moveProbability({ move, motion, seconds, stepSeconds }: Chance & { readonly model: "move" }): number {
  assertWithin("move", move, -0.999_999_999, Number.MAX_VALUE);
  assertWithin("sigma", motion.sigma, Number.MIN_VALUE, 100);
  assertWithin("seconds", seconds, 0, 100 * 365 * 86_400);
  return move === 0 ? 1 : crossingChance(Math.log1p(move), motion, seconds, stepSeconds);
}

function never(chance: never): never {
  throw new AttackInputError("chance.model", JSON.stringify(chance), "It is always, slots, move or stated.");
}
