// In which directions a call's values may go, and what that does to the difference that a comparison takes. Where a step
// breaks a condition before it, two such steps are put together so that it holds again: as in Gaussian elimination, but by
// trying, since nobody knows the equations.
import type { Call } from "./Call.ts";
import type { Chance } from "./Chance.ts";
import type { Influence } from "./Influence.ts";
import { differenceAt } from "./Path.ts";
import { type Place, readPlace, writePlace } from "./Place.ts";
import type { Stage } from "./Stage.ts";
import { addSmall } from "./valueBytes.ts";
import { type Broken, heldBy, isMet, type Way } from "./Way.ts";

/** How many units each place moves in one step, by its number. */
export type Direction = ReadonlyMap<number, bigint>;

/** To go `by` steps in a direction. */
export interface Step {
  readonly direction: Direction;
  readonly by: bigint;
}

/** The difference moves by `numerator` where the values go `denominator` steps in the direction. */
export interface Slope {
  readonly direction: Direction;
  readonly numerator: bigint;
  readonly denominator: bigint;
}

interface Measurement {
  readonly way: Way;
  readonly call: Call;
  readonly standing: { readonly held: number; readonly broken: Broken };
  readonly stage: Stage;
  readonly chance: Chance;
  readonly influence: Influence;
  readonly look: () => void;
}

/** A step that broke a condition which held, and by how much. */
interface Breach {
  readonly direction: Direction;
  readonly condition: number;
  readonly moved: bigint;
}

/** How calls are tried whose way is followed. */
export const tried = { takesBack: "itself", keepsComparisons: "always" } as const;

const steps = [1n, -1n] as const;
const rounds = 3;
const mostPairs = 20;
const enough = 4;

/** Directions that move the difference and break nothing before it. Each call that was tried is shown to `look`. */
export function measureSlopes(given: Measurement): Slope[] {
  const { call, chance, influence, way, standing } = given;
  const known = influence.placesOf(way.sites[standing.held]!, call.callable);
  const found: Slope[] = [];
  let directions: Direction[] = call.places.map((_, index) => new Map([[index, 1n]]));
  for (let round = 0; round < rounds && directions.length > 0; round++) {
    const breaches = probe(given, directions, found);
    if (round === 0) {
      for (const { direction } of found) for (const index of direction.keys()) known.add(index);
      probe(given, wider(call, known, chance), found);
    }
    if (found.length >= enough && !chance.once(4)) break;
    directions = compounds(breaches, chance);
  }
  return found;
}

/** Steps of other sizes, for what one step does not move: divisions, and shifts. */
function wider(call: Call, known: ReadonlySet<number>, chance: Chance): Direction[] {
  return call.places.flatMap(({ kind, bits }, index) => {
    if (bits < 2 || (known.size > 0 && !known.has(index))) return [];
    const any = new Map([[index, 1n << BigInt(1 + chance.below(bits - 1))]]);
    // Of a text the first letter is asked for more than any other.
    return kind === "bytes" ? [any, new Map([[index, 1n << BigInt(bits - 8)]])] : [any];
  });
}

/** Goes one step forwards and one backwards in each direction. */
function probe(given: Measurement, directions: readonly Direction[], found: Slope[]): Breach[] {
  const { way, standing, stage, look } = given;
  const { held, broken } = standing;
  if (directions.length === 0) return [];
  tryAll(given, directions);
  const here = stage.batch.comparisons(2 * directions.length);
  const breaches: Breach[] = [];
  for (const [i, direction] of directions.entries()) {
    const first = breaches.length;
    for (const [k, by] of steps.entries()) {
      const records = stage.batch.comparisons(2 * i + k);
      const condition = Math.min(heldBy(way, records), held);
      if (!isMet(way, records, condition)) continue;
      const difference = differenceAt(records, condition);
      if (condition < held) {
        breaches.push({ direction, condition, moved: (difference - differenceAt(here, condition)) * by });
        continue;
      }
      // Who holds what held, one way or the other, breaches nothing.
      breaches.length = first;
      if (difference !== broken.difference)
        found.push({ direction, numerator: difference - broken.difference, denominator: by });
      break;
    }
  }
  look();
  return breaches;
}

function tryAll({ stage, call }: Measurement, directions: readonly Direction[]): void {
  stage.clear();
  for (const direction of directions)
    for (const by of steps) moveInput(stage.addVariant(call, tried), call.places, { direction, by });
  // The last one stays where it is: what the others move, they move from there.
  stage.add(call, tried);
  stage.run();
}

/** Pairs of steps that broke the same condition, weighted so that what each does to it cancels. */
function compounds(breaches: readonly Breach[], chance: Chance): Direction[] {
  const pairs: Direction[] = [];
  for (let tries = 0; tries < 4 * mostPairs && pairs.length < mostPairs && breaches.length > 1; tries++) {
    const a = chance.pick(breaches);
    const b = chance.pick(breaches);
    if (a.direction === b.direction || a.condition !== b.condition || a.moved === 0n || b.moved === 0n) continue;
    const both = sum(a.direction, b.moved, b.direction, -a.moved);
    if (both.size > 0) pairs.push(both);
  }
  return pairs;
}

function sum(a: Direction, byA: bigint, b: Direction, byB: bigint): Direction {
  const total = new Map<number, bigint>();
  let divisor = 0n;
  for (const [index, units] of a) total.set(index, units * byA);
  for (const [index, units] of b) total.set(index, (total.get(index) ?? 0n) + units * byB);
  for (const units of total.values()) divisor = gcd(divisor, units);
  for (const [index, units] of total)
    if (units === 0n) total.delete(index);
    else total.set(index, units / divisor);
  return total;
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n && x !== 1n) [x, y] = [y, x % y];
  return x;
}

/** Goes a step with the values of call data, in place. */
export function moveInput(input: Uint8Array, places: readonly Place[], { direction, by }: Step): void {
  for (const [index, units] of direction) {
    const amount = units * by;
    const place = places[index]!;
    if (-most < amount && amount < most) addSmall(input, place, Number(amount));
    else writePlace(input, place, readPlace(input, place) + amount);
  }
}

const most = 1n << 30n;
