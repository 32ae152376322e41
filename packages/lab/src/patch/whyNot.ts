import type { PatchReport } from "./simulatePatch.ts";

/** The first thing that speaks against a patch that does not hold, in words. */
export function whyNot({
  applied,
  attack,
  benign,
  reversal,
}: Pick<PatchReport, "applied" | "attack" | "benign" | "reversal">): string {
  if (!applied.ok) return `it cannot be put in force: ${applied.why ?? "no reason is told"}`;
  if (attack.why !== null) return attack.why;
  if (benign.changed.length > 0) return `${benign.changed.length} things of honest transactions come out otherwise`;
  if (reversal !== null && !(reversal.clears && reversal.expires)) return "it could not be taken back";
  return "an invariant, a property or the adversary speaks against it";
}
