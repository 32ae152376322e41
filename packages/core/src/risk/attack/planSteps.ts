import type { AttackPlan } from "./AttackPlan.ts";
import { strideOf } from "./Schedule.ts";
import { walkPool } from "./walkPool.ts";

/** One swap of a plan. Amounts in whole tokens, fee included, as floats: the spot price is the exact limit of the swap. */
export interface AttackStep {
  /** Offset from the first block of the window; the mean is read in block `source.blocks`. */
  readonly block: number;
  /** Before or after all others' transactions of the block. */
  readonly at: "first" | "last";
  readonly action: "push" | "unwind" | "restore";
  readonly by: "attacker" | "arbitrageur";
  readonly direction: "up" | "down";
  readonly tokenIn: "quote" | "base";
  readonly amountIn: number;
  readonly spotAfter: number;
}

/**
 * The swaps of a plan, in their order, as they can be replayed on a fork: with pushes, the attacker's unwinding, and the
 * arbitrageur who restores the price where a plan counts on one.
 */
export function planSteps(plan: AttackPlan): readonly AttackStep[] {
  const { pushes, runs, held, ending } = plan.schedule;
  const [swaps, long] = [swapsOf(plan, plan.spots.push), swapsOf(plan, plan.spots.run)];
  const pushed = Array.from({ length: pushes }, (_, block) => [swaps.push(block), swaps.restore(block + 1)]);
  const ran = Array.from({ length: runs }, (_, run) => {
    const block = pushes + run * strideOf(plan.schedule);
    return [long.push(block), ending === "unwind" ? long.unwind(block + held) : long.restore(block + held)];
  });
  return Object.freeze([...pushed, ...ran].flat());
}

function swapsOf({ source: { pool }, direction }: AttackPlan, spot: number) {
  const walk = walkPool(pool, spot);
  const swap = (up: boolean, spotAfter: number) => ({
    direction: up ? ("up" as const) : ("down" as const),
    tokenIn: up ? ("quote" as const) : ("base" as const),
    amountIn: (up ? walk.quote : walk.base) / (1 - pool.fee),
    spotAfter,
  });
  const there = swap(direction === "up", spot);
  const back = swap(direction !== "up", pool.price);
  const step = (rest: Omit<AttackStep, keyof typeof there>, legs: typeof there): AttackStep =>
    Object.freeze({ ...rest, ...legs });
  return {
    push: (block: number) => step({ block, at: "last", action: "push", by: "attacker" }, there),
    unwind: (block: number) => step({ block, at: "first", action: "unwind", by: "attacker" }, back),
    restore: (block: number) => step({ block, at: "first", action: "restore", by: "arbitrageur" }, back),
  };
}
