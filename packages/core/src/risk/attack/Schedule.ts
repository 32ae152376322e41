/**
 * In which blocks spot is bent. First `pushes` blocks, each bent at its end and restored by an arbitrageur at the start of
 * the next; then `runs`, each of which bends `held` intervals between blocks with one push.
 */
export interface Schedule {
  readonly pushes: number;
  readonly runs: number;
  /** Consecutive slots that a run needs to be the attacker's, so that nobody trades in between; 0 for none. */
  readonly slotsPerRun: number;
  readonly held: number;
  /**
   * Who ends a run: the attacker takes his push back at the start of its last block (`held` is one less than the slots), or
   * an arbitrageur does in the block after it (`held` is as many as the slots).
   */
  readonly ending: "unwind" | "leave";
}

/** Intervals that are bent. */
export function manipulatedIn({ pushes, runs, held }: Schedule): number {
  return pushes + runs * held;
}

/** Blocks from the first push of a run to the first that the next run may begin in. */
export function strideOf({ held, ending }: Schedule): number {
  return ending === "unwind" ? held + 1 : held;
}

/** Whether it fits: `blocks` intervals lie between blocks 0 and `blocks`, in the last of which the mean is read. */
export function isWithin(schedule: Schedule, blocks: number): boolean {
  const last = schedule.pushes + schedule.runs * strideOf(schedule);
  return last <= (schedule.runs > 0 && schedule.ending === "unwind" ? blocks + 1 : blocks);
}

/** Blocks in a row with one spot at their ends: that of pushes, that of runs, or the fair one. */
export interface Stretch {
  readonly spot: "push" | "run" | "fair";
  readonly blocks: number;
}

/** The window's stretches, from its first interval on; their blocks sum up to `blocks`. */
export function stretchesOf(schedule: Schedule, blocks: number): readonly Stretch[] {
  const { pushes, runs, held } = schedule;
  const pause = strideOf(schedule) - held;
  const run: readonly Stretch[] = [
    { spot: "run", blocks: held },
    { spot: "fair", blocks: pause },
  ];
  const stretches: Stretch[] = [{ spot: "push", blocks: pushes }, ...Array.from({ length: runs }, () => run).flat()];
  const rest = blocks - stretches.reduce((sum, stretch) => sum + stretch.blocks, 0);
  // The last run may be unwound in the block in which the mean is read, which is no interval of the window.
  if (rest < 0) stretches.pop();
  else stretches.push({ spot: "fair", blocks: rest });
  return stretches.filter((stretch) => stretch.blocks > 0);
}
