import { isAtLeast } from "@testudo/core/model/Finding";
import type { JudgedCase, Stage } from "./Case.ts";

/**
 * `attacks` with the stage at which each was first told (EVAL-06). The transactions of one name are one attack: an alert about
 * one of them tells the others, as early or late as its block is.
 */
export function withStages(attacks: readonly JudgedCase[]): JudgedCase[] {
  return attacks.map((one) => ({
    ...one,
    stage: stageOf(
      one,
      attacks.filter((other) => other.name === one.name),
    ),
  }));
}

function stageOf(one: JudgedCase, attack: readonly JudgedCase[]): Stage {
  if (isTold(one)) return "in-transaction";
  const told = attack.filter(isTold).map((other) => other.block ?? 0);
  const own = one.block ?? 0;
  // Two transactions of a block are told at the same time, when it is there.
  if (told.some((block) => block < own)) return "before";
  if (told.some((block) => block <= own + 1)) return "within-1-block";
  return told.length > 0 ? "later" : "never";
}

function isTold({ findings }: JudgedCase): boolean {
  return findings.some((finding) => isAtLeast(finding.severity, "high"));
}
