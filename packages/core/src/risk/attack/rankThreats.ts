import { AttackInputError, assertWithin } from "./AttackInputError.ts";
import { probabilityOf } from "./probabilityOf.ts";
import type { Containment, Objective, Threat } from "./Threat.ts";

/**
 * The objectives in the order of what they are worth to an attacker: first those that pay, by expected profit, then the
 * others by headroom; equal ones by id. Throws AttackInputError for an id that stands twice and for figures out of range.
 */
export function rankThreats(objectives: readonly Objective[]): readonly Threat[] {
  const twice = objectives.find(({ id }, i) => objectives.findIndex((other) => other.id === id) < i);
  if (twice !== undefined) throw new AttackInputError("id", twice.id, "Each objective has an id of its own.");
  const sorted = objectives.map(weigh).sort(inOrder);
  return Object.freeze(sorted.map((threat, i) => Object.freeze({ rank: i + 1, ...threat })));
}

type Weighed = Omit<Threat, "rank">;

function weigh({ id, cost, gain, chance, defences }: Objective): Weighed {
  for (const figures of [{ cost, gain }, ...defences]) {
    assertWithin("cost", figures.cost, 0, Number.MAX_VALUE);
    assertWithin("gain", figures.gain, 0, Number.MAX_VALUE);
  }
  const probability = probabilityOf(chance);
  const defence = bestOf(defences.map((one) => contain(one, probability)));
  return {
    ...{ id, cost, gain, probability, chance: Object.freeze({ ...chance }) },
    ...(gain > 0 && { headroom: cost / gain }),
    expectedProfit: probability * (gain - cost),
    ...(defence && { defence }),
  };
}

function contain({ name, cost, gain }: Objective["defences"][number], probability: number): Containment {
  return Object.freeze({ name, cost, gain, expectedProfit: probability * (gain - cost), contains: gain <= cost });
}

function bestOf(defences: readonly Containment[]): Containment | undefined {
  return [...defences].sort((a, b) => a.expectedProfit - b.expectedProfit || a.gain - b.gain)[0];
}

function inOrder(a: Weighed, b: Weighed): number {
  const pays = (threat: Weighed) => threat.expectedProfit > 0;
  if (pays(a) !== pays(b)) return pays(a) ? -1 : 1;
  const headroom = ({ headroom = Number.MAX_VALUE }: Weighed) => headroom;
  const byWorth = pays(a) ? b.expectedProfit - a.expectedProfit : headroom(a) - headroom(b);
  return byWorth || (a.id < b.id ? -1 : 1);
}
