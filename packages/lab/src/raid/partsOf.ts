import type { Find } from "./Find.ts";
import type { Plan } from "./Plan.ts";

/** What a plan does, whatever the amounts and the order. */
export function partsOf(plan: Plan): string[] {
  const parts = plan.map((move) => {
    if (move.kind === "call") return `${move.callable.to}${move.callable.selector}${move.inner.length > 0 ? "+" : ""}`;
    return move.kind === "power" ? `power ${move.power}` : "wait";
  });
  return [...new Set(parts)].sort();
}

/** Whether a plan does all that `find` does, and more that does not pay. */
export function isMoreOf(find: Find, parts: readonly string[], gainWad: bigint): boolean {
  return (
    find.figure === undefined && gainWad < 2n * find.gainWad && partsOf(find.plan).every((part) => parts.includes(part))
  );
}
