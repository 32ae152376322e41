const coarse = 8;
const refinements = 16;
const golden = (Math.sqrt(5) - 1) / 2;

/**
 * The part between 0 and 1 at which `cost` is least, as far as seven even tries and a golden section around the best of them
 * find it. Undefined where none of the seven costs less than `worth`: then it is not looked for further.
 */
export function leastPart(cost: (part: number) => number, worth: number): number | undefined {
  const tries = Array.from({ length: coarse - 1 }, (_, i) => (i + 1) / coarse);
  const costs = tries.map(cost);
  const least = Math.min(...costs);
  if (!(least < worth)) return undefined;
  const part = tries[costs.indexOf(least)]!;
  return narrow(cost, [part, least], [part - 1 / coarse, part + 1 / coarse]);
}

type Try = readonly [part: number, cost: number];

function narrow(cost: (part: number) => number, found: Try, [from, to]: readonly [number, number]): number {
  const at = (part: number): Try => [part, cost(part)];
  let [low, high, best] = [from, to, found];
  let [left, right] = [at(high - golden * (high - low)), at(low + golden * (high - low))];
  for (let i = 0; i < refinements; i += 1) {
    for (const one of [left, right]) if (one[1] < best[1]) best = one;
    if (left[1] <= right[1]) {
      [high, right] = [right[0], left];
      left = at(high - golden * (high - low));
    } else {
      [low, left] = [left[0], right];
      right = at(low + golden * (high - low));
    }
  }
  return best[0];
}
