import type { Figure } from "./Scenario.ts";

/** Whether a figure that is `value` has passed its limit. */
export function isBroken({ breaks }: Pick<Figure, "breaks">, value: bigint): boolean {
  return "above" in breaks ? value > breaks.above : value < breaks.below;
}
