import { toPlainNumber } from "../../math/ratio.ts";
import type { DetectContext } from "../../model/Detector.ts";
import type { FindingDraft } from "../../model/Finding.ts";
import type { Address } from "../../model/Hex.ts";
import type { Jump } from "./findJump.ts";

/** Whose ratio it is. `key` tells it from others of the detector. */
export interface JumpSubject {
  readonly name: string;
  readonly subject: Address;
  readonly key: readonly string[];
  readonly addresses?: readonly Address[];
}

type Context = Pick<DetectContext<unknown>, "finding">;
type Figures = FindingDraft["evidence"];

/** A fall is damage, for claims are less covered than a block ago; a rise is an anomaly, for value was counted up. */
export function tellJump(context: Context, of: JumpSubject, jump: Jump, figures: Figures): void {
  const falls = jump.excess < 0;
  const percent = (Math.abs(Math.expm1(jump.excess)) * 100).toFixed(2);
  tell(context, of, falls ? "damage" : "anomaly", {
    severity: falls ? "high" : "medium",
    reason: `Collateral per debt of "${of.name}" ${falls ? "fell" : "rose"} by ${percent} % beyond the price.`,
    score: Math.min(1, Math.abs(jump.excess) / (10 * jump.limit)),
    evidence: {
      ...figures,
      residual: toPlainNumber(jump.residual),
      limit: toPlainNumber(jump.limit),
      samples: jump.samples,
      beta: toPlainNumber(jump.beta),
    },
  });
}

/** Debt with nothing left to cover it is told at once, whatever the habit. */
export function tellUncovered(context: Context, of: JumpSubject, figures: Figures): void {
  tell(context, of, "damage", {
    severity: "high",
    reason: `"${of.name}" has debt and no collateral.`,
    score: 1,
    evidence: figures,
  });
}

function tell(
  context: Context,
  { name, subject, key, addresses }: JumpSubject,
  kind: "damage" | "anomaly",
  draft: Pick<FindingDraft, "severity" | "reason" | "score" | "evidence">,
): void {
  const evidence = { name, ...draft.evidence };
  context.finding({
    ...draft,
    evidence,
    class: kind,
    subject,
    key: [...key, kind],
    ...(addresses ? { addresses } : {}),
  });
}
