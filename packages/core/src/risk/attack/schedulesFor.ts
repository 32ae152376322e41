import type { Attacker, SlotPower } from "./Attacker.ts";
import { chancesOfRuns } from "./ownedSlots.ts";
import { isWithin, type Schedule } from "./Schedule.ts";

/**
 * Every schedule that is tried over a window of `blocks`, for each number of bent intervals: pushes alone; for each number
 * of owned slots and each ending as many runs as are likely enough, the rest as pushes; or, where nobody restores the
 * price, one push that is held.
 */
export function schedulesFor(attacker: Attacker, blocks: number): readonly Schedule[] {
  const counts = Array.from({ length: blocks }, (_, i) => i + 1);
  if (!attacker.arbitrageEveryBlock)
    return counts.map((held) => ({ pushes: 0, runs: 1, slotsPerRun: 0, held, ending: "unwind" }));
  const alone = counts.map((pushes) => ({ pushes, runs: 0, slotsPerRun: 0, held: 0, ending: "leave" }) as const);
  return [...alone, ...(attacker.slots === undefined ? [] : ownedSchedules(attacker.slots, blocks, counts))];
}

function ownedSchedules(power: SlotPower, blocks: number, counts: readonly number[]): readonly Schedule[] {
  const longest = Math.min(power.maxSlots, blocks + 1);
  return Array.from({ length: Math.max(0, longest - 1) }, (_, i) => i + 2).flatMap((slotsPerRun) => {
    const runs = likelyRuns(power, slotsPerRun, blocks);
    if (runs === 0) return [];
    return (["unwind", "leave"] as const).flatMap((ending) => {
      const held = ending === "unwind" ? slotsPerRun - 1 : slotsPerRun;
      return counts.flatMap((count) => withRuns({ slotsPerRun, held, ending }, count, runs, blocks));
    });
  });
}

/** The most runs that a window's blocks, one more than its intervals, hold with at least the least chance. */
function likelyRuns({ share, minChance }: SlotPower, slots: number, blocks: number): number {
  return chancesOfRuns(share, slots, blocks + 1).filter((chance) => chance >= minChance).length - 1;
}

// The cost of so many intervals is linear in the runs among them: the least has none, or the most that fit.
function withRuns(
  run: Pick<Schedule, "slotsPerRun" | "held" | "ending">,
  count: number,
  most: number,
  blocks: number,
): readonly Schedule[] {
  for (let runs = Math.min(most, Math.floor(count / run.held)); runs > 0; runs -= 1) {
    const schedule = { ...run, runs, pushes: count - runs * run.held };
    if (isWithin(schedule, blocks)) return [schedule];
  }
  return [];
}
