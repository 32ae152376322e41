// Makes a comparison go the other way. The way to it is a row of conditions on the call's values; the first one that does not
// hold is mended by a step of Newton's method on one value, as WalkSAT mends one broken clause after the other: what breaks
// by it is mended next. (Selman, Kautz, Cohen, "Noise strategies for improving local search", AAAI 1994.)
import type { Call } from "./Call.ts";
import type { Chance } from "./Chance.ts";
import type { Influence } from "./Influence.ts";
import { measureSlopes, moveInput, type Slope, type Step, tried } from "./measureSlopes.ts";
import { readPath } from "./Path.ts";
import { reshapeCall } from "./reshapeCall.ts";
import type { Approach, Site } from "./SiteBook.ts";
import type { Stage } from "./Stage.ts";
import { type Sources, writeSample } from "./sampleCall.ts";
import { type Broken, isFurther, type Standing, standingOf, wayTo } from "./Way.ts";

/** What a walk works with. */
export interface Walk {
  readonly stage: Stage;
  readonly sources: Sources;
  readonly influence: Influence;
  /** Asked to look at what was tried, while its results stand. */
  look(): void;
  /** No calls are left: it ends with the step at work. */
  isSpent(): boolean;
}

/** A step from a call, or a call of its own. */
type Candidate = Step | Call;

const mostCandidates = 16;
/** Steps without a value that moves anything, after which no value will. */
const mostIdle = 2;

/** Walks from `approach` until the site goes the other way, or `steps` are used up; the call that makes it. */
export function solveSite(site: Site, approach: Approach, steps: number, walk: Walk): Call | undefined {
  const { stage, sources, influence, look, isSpent } = walk;
  const { chance } = sources;
  stage.enter(approach.state);
  stage.clear();
  stage.add(approach.call, tried);
  stage.run();
  const way = wayTo(site, readPath(stage.batch.comparisons(0)));
  if (way === undefined) return undefined;
  let call = approach.call;
  let standing = standingOf(way, stage.batch.comparisons(0));
  look();
  let idle = 0;
  for (let step = 0; step < steps && !isSpent(); step++) {
    if (standing.kind === "whole") return call;
    if (standing.kind === "left") return undefined;
    const slopes = measureSlopes({ way, call, standing, stage, chance, influence, look });
    idle = slopes.length === 0 ? idle + 1 : 0;
    if (idle > (call.callable.fixed === undefined ? 3 * mostIdle : mostIdle)) return undefined;
    const candidates = candidatesOf(call, standing.broken, slopes, sources);
    if (candidates.length === 0) return undefined;
    tryAll(stage, call, candidates);
    const standings = candidates.map((_, i) => standingOf(way, stage.batch.comparisons(i)));
    look();
    const chosen = choose(standings, chance);
    if (chosen === undefined) continue;
    call = stage.callAt(chosen);
    standing = standings[chosen]!;
  }
  return undefined;
}

function tryAll(stage: Stage, call: Call, candidates: readonly Candidate[]): void {
  stage.clear();
  for (const candidate of candidates)
    if ("callable" in candidate) stage.add(candidate, tried);
    else moveInput(stage.addVariant(call, tried), call.places, candidate);
  stage.run();
}

function candidatesOf(call: Call, broken: Broken, slopes: readonly Slope[], sources: Sources): Candidate[] {
  const { chance } = sources;
  const newton: Candidate[] = slopes.flatMap(({ direction, ...slope }) =>
    [0n, slack(chance)].flatMap((extra) => stepsOf(broken, slope, extra).map((by) => ({ direction, by }))),
  );
  // A value that moves nothing now may move it once it is another.
  const random = Array.from({ length: Math.min(3, call.places.length) }, () => resampled(call, sources));
  const shapes = call.callable.fixed !== undefined ? 0 : slopes.length === 0 ? 8 : 1;
  const reshaped = Array.from({ length: shapes }, () => reshapeCall(call, sources));
  return shuffled([...newton, ...random, ...reshaped], chance).slice(0, mostCandidates);
}

function resampled(call: Call, sources: Sources): Call {
  const input = call.input.slice();
  writeSample(input, sources.chance.pick(call.places), sources);
  return { ...call, input };
}

const slack = (chance: Chance): bigint => chance.number(66);

/** How far to go so that the difference becomes what is wanted, or nearly. */
function stepsOf({ difference, wanted }: Broken, slope: Omit<Slope, "direction">, extra: bigint): bigint[] {
  const to = (target: bigint): bigint[] => {
    const missing = (target - difference) * slope.denominator;
    const step = missing / slope.numerator;
    if (step * slope.numerator === missing) return [step];
    // An edge between two whole numbers: one of them lies on the wanted side.
    return [step, step + (missing < 0n === slope.numerator < 0n ? 1n : -1n)];
  };
  switch (wanted) {
    case "below":
      return to(-1n - extra);
    case "notAbove":
      return to(-extra);
    case "above":
      return to(1n + extra);
    case "notBelow":
      return to(extra);
    case "equal":
      return to(0n);
    default:
      return [...to(1n + extra), ...to(-1n - extra)];
  }
}

/** Mostly the one that comes furthest; now and then any that comes as far as before, so that walks do not run in circles. */
function choose(standings: readonly Standing[], chance: Chance): number | undefined {
  const usable = standings.map((_, i) => i).filter((i) => standings[i]!.kind !== "left");
  if (usable.length === 0) return undefined;
  if (chance.once(4)) return chance.pick(usable);
  return usable.reduce((best, i) => (isFurther(standings[i]!, standings[best]!) ? i : best));
}

function shuffled<T>(list: T[], chance: Chance): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = chance.below(i + 1);
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list;
}
