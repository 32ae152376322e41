import type { Headroom } from "./headroom.ts";
import type { Chance, Defence, Objective } from "./Threat.ts";

/** What else is to be said of an attack on an oracle. */
export interface ObjectiveTerms {
  readonly id: string;
  /** The attacker's part of the stake. */
  readonly share: number;
  readonly defences: readonly Defence[];
}

/** The oracle's best attack as an objective among others. */
export function objectiveOf(headroom: Headroom, { id, share, defences }: ObjectiveTerms): Objective {
  const { attack, gain } = headroom;
  return Object.freeze({ id, cost: attack.cost, gain, chance: chanceOf(headroom, share), defences });
}

/** The defence that another oracle is: what the best attack on that costs and gains, or nothing where there is none. */
export function oracleDefence(name: string, headroom: Headroom | undefined): Defence {
  return Object.freeze({ name, cost: headroom?.attack.cost ?? 0, gain: headroom?.gain ?? 0 });
}

// Where several sources need slots, the runs of the rarest: the others may need the same ones, so that is the most.
function chanceOf({ attack }: Headroom, share: number): Chance {
  const needs = attack.parts
    .flatMap(({ plan }) => (plan !== undefined && plan.schedule.slotsPerRun > 0 ? [plan] : []))
    .sort((a, b) => b.schedule.slotsPerRun * b.schedule.runs - a.schedule.slotsPerRun * a.schedule.runs);
  const [rarest] = needs;
  if (rarest === undefined) return Object.freeze({ model: "always" });
  const { slotsPerRun: slots, runs } = rarest.schedule;
  return Object.freeze({ model: "slots", share, slots, runs, within: rarest.source.blocks + 1 });
}
