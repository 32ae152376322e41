/** What judging branches may cost. */
export interface BranchLimits {
  /** Branches with a thread of their own at a time. */
  readonly mostBranches: number;
  /** Threads begun within an hour for what a node shows. */
  readonly mostStarts: number;
  /** How long one is judged, and how many of its blocks. */
  readonly mostMs: number;
  readonly mostBlocks: number;
  /** How long a branch may not be named before its thread rests, though the dispute goes on. */
  readonly mostUnnamedMs: number;
  /** How long a node that is behind may be taken for one of those that show its newest block. */
  readonly mostCoveredMs: number;
  /** How long a thread waits for its branch to be disputed again. */
  readonly restMs: number;
  /** How many blocks the chain may have gone on meanwhile. */
  readonly mostMissed: bigint;
  /** How long blocks may wait without one being judged. */
  readonly mostStoodMs: number;
  /** Megabytes that a thread may remember: whoever makes up a branch chooses what detectors remember of it. */
  readonly heapMb: number;
}

export const branchLimits: BranchLimits = {
  mostBranches: 2,
  mostStarts: 6,
  mostMs: 6 * 3_600_000,
  mostBlocks: 4_096,
  mostUnnamedMs: 3_000,
  mostCoveredMs: 60_000,
  restMs: 600_000,
  mostMissed: 256n,
  mostStoodMs: 120_000,
  heapMb: 1_024,
};
