// A comparison that no value of the call moves depends on state: other calls before it may bring it nearer, step by step.
import type { Call } from "./Call.ts";
import type { Chance } from "./Chance.ts";
import { readPath } from "./Path.ts";
import type { Approach, Site } from "./SiteBook.ts";
import type { Stage, State } from "./Stage.ts";
import { isFurther, type Standing, standingOf, type Way, wayTo } from "./Way.ts";

const groupsOfRound = 24;
const mostRounds = 24;
const mostBefore = 3;

export interface Wandering {
  readonly stage: Stage;
  readonly chance: Chance;
  /** A call that may be made before. */
  draw(): Call;
  /** Asked to look at what was tried from a state, while its results stand. */
  look(state: State): void;
  /** States further away than so many calls are not gone to. */
  readonly mostCalls: number;
  /** No calls are left: it ends with the round at work. */
  isSpent(): boolean;
}

/** Climbs from `from`; the approach that came nearest, if one came nearer. */
export function wanderToSite(site: Site, from: Approach, wandering: Wandering): Approach | undefined {
  const { stage, isSpent } = wandering;
  stage.enter(from.state);
  stage.clear();
  stage.add(from.call, { takesBack: "itself", keepsComparisons: "always" });
  stage.run();
  const way = wayTo(site, readPath(stage.batch.comparisons(0)));
  if (way === undefined) return undefined;
  let best: Nearest = { standing: standingOf(way, stage.batch.comparisons(0)), approach: from, helped: [] };
  for (let round = 0; round < mostRounds && !isSpent(); round++) {
    const next = climb(way, best, wandering);
    if (next === undefined || next.standing.kind === "whole")
      return next?.approach ?? (round > 0 ? best.approach : undefined);
    best = next;
  }
  return best.approach;
}

interface Nearest {
  readonly standing: Standing;
  readonly approach: Approach;
  /** The calls that brought it there: what helped once may help again. */
  readonly helped: readonly Call[];
}

function climb(way: Way, { standing, approach, helped }: Nearest, wandering: Wandering): Nearest | undefined {
  const { stage, chance, draw, look, mostCalls } = wandering;
  const { state, call } = approach;
  if (state.calls.length + mostBefore > mostCalls) return undefined;
  const groups = Array.from({ length: groupsOfRound }, () => {
    if (helped.length > 0 && chance.once(4)) return [...helped, call];
    return [...Array.from({ length: 1 + chance.below(mostBefore) }, draw), call];
  });
  stage.enter(state);
  stage.clear();
  for (const group of groups)
    for (const [i, each] of group.entries())
      stage.add(each, i === group.length - 1 ? { takesBack: "batch", keepsComparisons: "always" } : {});
  stage.run();
  let best = standing;
  let nearest: readonly Call[] | undefined;
  let index = -1;
  for (const group of groups) {
    index += group.length;
    const here = standingOf(way, stage.batch.comparisons(index));
    if (!isFurther(here, best)) continue;
    best = here;
    nearest = group.slice(0, -1);
  }
  look(state);
  if (nearest === undefined) return undefined;
  return { standing: best, approach: { state: { calls: [...state.calls, ...nearest] }, call }, helped: nearest };
}
