// How long a selector may be paused, as BREAKER-04 says it: two buckets that refill evenly over 30 days. The same as
// contracts/src/libraries/PauseBudget.sol over contracts/test/vectors/pauseBudget.json.

/** Times in Unix seconds; what is spent in seconds times `pauseWindow`, in which a refill is a whole number. */
export interface PauseBudget {
  /** End of the pause. */
  readonly until: bigint;
  /** The fast budget has paid for all time before this. */
  readonly paidUntil: bigint;
  /** When the two budgets were last refilled. */
  readonly settledAt: bigint;
  readonly fastSpent: bigint;
  readonly haltSpent: bigint;
}

const hour = 3_600n;

/** Seconds in which an empty budget refills. */
export const pauseWindow = 30n * 24n * hour;
/** Seconds of the fast budget, from which trips and guard rules are paid. */
export const fastCapacity = 84n * hour;
/** Seconds of the halt budget, from which extensions and full halts are paid. */
export const haltCapacity = 24n * hour;
/** Seconds of the fast budget that guard rules of programs leave to the council. */
export const councilShare = 48n * hour;

/** `budget` at `now`, which is not before it was last settled: each bucket has refilled by its part of the window. */
export function settlePause(budget: PauseBudget, now: bigint): PauseBudget {
  const time = now - budget.settledAt;
  return {
    ...budget,
    settledAt: now,
    fastSpent: above(budget.fastSpent - fastCapacity * time),
    haltSpent: above(budget.haltSpent - haltCapacity * time),
  };
}

/** Whole seconds left of the fast budget. */
export function fastLeftDown(budget: PauseBudget): bigint {
  return leftDown(fastCapacity, budget.fastSpent);
}

/** Whole seconds of the fast budget that a program's rule may spend. */
export function programLeftDown(budget: PauseBudget): bigint {
  return leftDown(fastCapacity - councilShare, budget.fastSpent);
}

/** Whole seconds left of the halt budget. */
export function haltLeftDown(budget: PauseBudget): bigint {
  return leftDown(haltCapacity, budget.haltSpent);
}

/** The furthest end that the fast budget of a settled `budget` pays for. */
export function fastReach(budget: PauseBudget): bigint {
  return fastFrom(budget) + fastLeftDown(budget);
}

/** The furthest end of a program's rule that a settled `budget` pays for. */
export function programReach(budget: PauseBudget): bigint {
  return fastFrom(budget) + programLeftDown(budget);
}

/** The furthest end that the halt budget of a settled `budget` pays for, after all time that anything has paid already. */
export function haltReach(budget: PauseBudget): bigint {
  return haltFrom(budget) + leftDown(haltCapacity, budget.haltSpent + refillOfWait(budget));
}

/** A settled `budget` after the fast budget has paid for the time up to `until`, which is within its reach. */
export function chargeFast(budget: PauseBudget, until: bigint): PauseBudget {
  const time = until - fastFrom(budget);
  if (time <= 0n) return budget;
  return { ...budget, paidUntil: until, fastSpent: budget.fastSpent + time * pauseWindow };
}

/** A settled `budget` after the halt budget has paid for the time up to `until`, within its reach, that nothing has paid. */
export function chargeHalt(budget: PauseBudget, until: bigint): PauseBudget {
  const time = until - haltFrom(budget);
  if (time <= 0n) return budget;
  return { ...budget, haltSpent: budget.haltSpent + time * pauseWindow + refillOfWait(budget) };
}

// Paid time that begins later than now may not profit from what the bucket refills until then: else one window of 30
// days, which begins with it, could hold more than twice the capacity.
function refillOfWait(budget: PauseBudget): bigint {
  return haltCapacity * (haltFrom(budget) - budget.settledAt);
}

function fastFrom({ settledAt, paidUntil }: PauseBudget): bigint {
  return settledAt > paidUntil ? settledAt : paidUntil;
}

function haltFrom(budget: PauseBudget): bigint {
  const from = fastFrom(budget);
  return from > budget.until ? from : budget.until;
}

function leftDown(capacity: bigint, spent: bigint): bigint {
  return above(capacity * pauseWindow - spent) / pauseWindow;
}

function above(value: bigint): bigint {
  return value > 0n ? value : 0n;
}
