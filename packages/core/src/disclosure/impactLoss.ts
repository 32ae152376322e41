// What an impact check sees of a protocol, and what a shown exploit has cost (COL-68). The same as SolvencyCheck, MarkCheck
// and CollateralCheck in contracts/src/adapters and as contracts/src/libraries/ClaimCheck.sol. Amounts are in the bounty's
// token.

/** Whether the invariant holds, and the level by whose fall a broken one is priced. */
export interface ImpactLook {
  readonly holds: boolean;
  readonly level: bigint;
}

/** A loss of at least `lossLowerBound` has this severity. */
export interface LossBucket {
  readonly lossLowerBound: bigint;
  readonly severity: bigint;
}

/** D01: a protocol that owes `claims` has as much in `assets`. What it has to spare beyond is no level. */
export function solvencyLook(assets: bigint, claims: bigint): ImpactLook {
  return shortBy(claims - assets);
}

/** D02: the mark stands within `bandBps` of the reference; others than the subject have `worthOfOthers`. */
export function markLook(mark: bigint, reference: bigint, bandBps: bigint, worthOfOthers: bigint): ImpactLook {
  const apart = mark > reference ? mark - reference : reference - mark;
  return { holds: apart * 10_000n <= reference * bandBps, level: worthOfOthers };
}

/** D12: an account has no more `free` collateral than it brought in and honestly has, `worth`. */
export function collateralLook(free: bigint, worth: bigint): ImpactLook {
  return shortBy(free - worth);
}

/** What an invariant that is broken `after` has cost since `before`; zero while it holds or nobody has less. */
export function impactLoss(before: ImpactLook, after: ImpactLook): bigint {
  const fallen = before.level - after.level;
  return after.holds || fallen < 0n ? 0n : fallen;
}

/** The largest of `buckets`, in ascending order, that `loss` reaches; undefined below the first. */
export function lossBucket(loss: bigint, buckets: readonly LossBucket[]): LossBucket | undefined {
  return buckets.filter(({ lossLowerBound }) => lossLowerBound <= loss).at(-1);
}

function shortBy(amount: bigint): ImpactLook {
  return amount > 0n ? { holds: false, level: -amount } : { holds: true, level: 0n };
}
