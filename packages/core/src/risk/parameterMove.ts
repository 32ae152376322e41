// What must hold between the parameters before and after a steward's change (STEWARD-04). The same as
// contracts/src/adapters/OracleMoveInvariant.sol and LiquidatableInvariant.sol.

const bps = 10_000n;

/** Whether a price moves from `before` to `after` by at most `maxMoveBps` of itself; zero is no price. */
export function isPriceMoveWithin(before: bigint, after: bigint, maxMoveBps: bigint): boolean {
  if (before === 0n || after === 0n) return false;
  return after * bps <= before * (bps + maxMoveBps) && after * bps >= before * (bps - maxMoveBps);
}

/** Whether what is liquidatable of `total`, all notional before the change, grows by at most `maxPartBps` of it. */
export function isLiquidatableWithin(before: bigint, after: bigint, total: bigint, maxPartBps: bigint): boolean {
  return after <= before || after * bps <= before * bps + total * maxPartBps;
}
