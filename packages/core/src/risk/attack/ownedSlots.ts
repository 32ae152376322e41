import { assertCount, assertWithin } from "./AttackInputError.ts";

const slotsPerDay = 7_200;

/** The chance that the next `slots` slots are all the attacker's, who has `share` of the stake. */
export function chanceOfStart(share: number, slots: number): number {
  assertWithin("share", share, 0, 1);
  return share ** slots;
}

/** How often a day a run of `slots` owned slots begins, in the mean: about 7,200 s^k on Ethereum (12 s a slot). */
export function startsPerDay(share: number, slots: number): number {
  return slotsPerDay * chanceOfStart(share, slots);
}

/**
 * The chance that `within` consecutive slots hold at least 0, 1, 2, … runs of `slots` owned ones that do not overlap,
 * up to `most`; exact, slot by slot (a binomial distribution of order k). Proposers are known at most 64 slots ahead, so what does not
 * fit into these is begun without knowing its end.
 */
export function chancesOfRuns(
  share: number,
  slots: number,
  within: number,
  most = Math.floor(within / slots),
): readonly number[] {
  assertWithin("share", share, 0, 1);
  assertCount("slots", slots, 1, Number.MAX_SAFE_INTEGER);
  assertCount("within", within, 0, 100_000);
  assertCount("most", most, 0, 100_000);
  // chances[runs][owned]: so many runs are over, and so many slots of the next are the attacker's. The last row stays.
  let chances: readonly Float64Array[] = Array.from({ length: most + 1 }, () => new Float64Array(slots));
  chances[0]![0] = 1;
  for (let slot = 0; slot < within; slot += 1) chances = afterSlot(chances, share, slots);
  const exactly = chances.map((row) => row.reduce((sum, chance) => sum + chance, 0));
  return exactly.map((_, runs) => (runs === 0 ? 1 : exactly.slice(runs).reduceRight((sum, chance) => sum + chance, 0)));
}

function afterSlot(chances: readonly Float64Array[], share: number, slots: number): readonly Float64Array[] {
  const next = chances.map(() => new Float64Array(slots));
  for (const [runs, row] of chances.entries()) {
    const following = next[runs + 1];
    if (following === undefined) addTo(next[runs]!, row);
    else
      for (const [owned, chance] of row.entries()) {
        next[runs]![0]! += chance * (1 - share);
        if (owned + 1 === slots) following[0]! += chance * share;
        else next[runs]![owned + 1]! += chance * share;
      }
  }
  return next;
}

function addTo(sums: Float64Array, row: Float64Array): void {
  for (const [i, value] of row.entries()) sums[i]! += value;
}
