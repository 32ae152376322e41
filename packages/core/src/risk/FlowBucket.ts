// The leaky bucket of contracts/src/FlowLimiter.sol, bit for bit; libraries/FlowMath.sol argues the bound that it keeps.

/** A bucket that was last written at `last` (Unix seconds) and empties at `cap` units per `window` seconds. */
export interface FlowBucket {
  readonly used: bigint;
  readonly last: bigint;
  readonly cap: bigint;
  readonly window: bigint;
}

/** A bucket whose true level is `used - part / window`, with `part` below `window`: what a slow leak took besides. */
export interface SlowFlowBucket extends FlowBucket {
  readonly part: bigint;
}

/** Two recorded balances of the protected contract; `young` was recorded at `takenAt` (Unix seconds). */
export interface FlowSnapshot {
  readonly old: bigint;
  readonly young: bigint;
  readonly takenAt: bigint;
}

const bps = 10_000n;
const lagPart = 24n;
const maxCap = 2n ** 120n - 1n;
const maxSnapshot = 2n ** 108n - 1n;
const slowBelow = 1_000n;
const maxUint256 = 2n ** 256n - 1n;
const capBits = 60;

/** `cap` as the contract keeps it: at most 2^120 - 1, rounded down to its 60 leading bits. */
export function keptCapDown(cap: bigint): bigint {
  const whole = min(cap, maxCap);
  const drop = BigInt(Math.max(0, whole.toString(2).length - capBits));
  return (whole >> drop) << drop;
}

/** The level of `bucket` at `now`; its leak is rounded down. */
export function flowLevelUp(bucket: FlowBucket, now: bigint): bigint {
  if (now <= bucket.last) return bucket.used;
  const leaked = (bucket.cap * (now - bucket.last)) / (bucket.window === 0n ? 1n : bucket.window);
  return leaked < bucket.used ? bucket.used - leaked : 0n;
}

/**
 * The level of `bucket` at `now`, rounded up, and the part of a unit that has leaked besides, in 1 / window. A leak of 1,000
 * units a second or more drops the part.
 */
export function slowFlowLevelUp(
  bucket: SlowFlowBucket,
  now: bigint,
): { readonly level: bigint; readonly part: bigint } {
  if (now <= bucket.last) return { level: bucket.used, part: bucket.part };
  const window = bucket.window === 0n ? 1n : bucket.window;
  const parts = bucket.cap * (now - bucket.last) + bucket.part;
  if (parts / window >= bucket.used) return { level: 0n, part: 0n };
  return { level: bucket.used - parts / window, part: isSlowFlow(bucket.cap, window) ? parts % window : 0n };
}

/** Whether a second leaks so little that the rounding of each call counts. */
export function isSlowFlow(cap: bigint, window: bigint): boolean {
  return cap < slowBelow * window;
}

/** The level after `amount` more, as far as `cap` has room, and `over`, for which it has none. */
export function fillFlow(
  amount: bigint,
  level: bigint,
  cap: bigint,
): { readonly level: bigint; readonly over: bigint } {
  const room = level < cap ? cap - level : 0n;
  return amount > room ? { level: level + room, over: amount - room } : { level: level + amount, over: 0n };
}

/** What of an outflow of `amount` the transaction's `credit` does not pay, and the credit that is left. */
export function drawCredit(amount: bigint, credit: bigint): { readonly unpaid: bigint; readonly left: bigint } {
  return amount > credit ? { unpaid: amount - credit, left: 0n } : { unpaid: 0n, left: credit - amount };
}

/** The level and the credit after an inflow of `amount`: the level falls first, the remainder becomes credit. */
export function absorbFlow(
  amount: bigint,
  credit: bigint,
  level: bigint,
): { readonly level: bigint; readonly credit: bigint } {
  const drained = min(amount, level);
  return { level: level - drained, credit: min(credit + amount - drained, maxUint256) };
}

/** The cap from `capBps` of `tvl`, rounded down, and at most `capAbs`. */
export function flowCapDown(capAbs: bigint, capBps: bigint, tvl: bigint): bigint {
  return min((min(tvl, maxSnapshot) * capBps) / bps, capAbs);
}

/** The newer of two recorded balances that is at least a 24th of `window` old. */
export function laggedBalance(snapshot: FlowSnapshot, window: bigint, now: bigint): bigint {
  const lag = (window + lagPart - 1n) / lagPart;
  return snapshot.takenAt + lag <= now ? snapshot.young : snapshot.old;
}

/** Whether `level` has reached `tripBps` of `cap`, so that anyone may trip the breaker. */
export function isTripLevel(level: bigint, cap: bigint, tripBps: bigint): boolean {
  return tripBps > 0n && cap > 0n && level * bps >= cap * tripBps;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
