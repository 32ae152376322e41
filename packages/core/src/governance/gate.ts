import { type Finding, isAtLeast, type Severity } from "../model/Finding.ts";

/** The two findings that open the gate for an action. With a hard invariant they may be one and the same. */
export interface OpenGate {
  readonly anomaly: Finding;
  readonly damage: Finding;
}

/**
 * Anomaly and damage, or a hard invariant (GATE-01). An anomaly that is calibrated counts only above its level for actions; how rare
 * damage is does not matter. With `budgetPpm` only an anomaly that is calibrated to that budget or a stricter one counts (RESP-01). What cannot be reproduced, since its detector asked a network, opens nothing. Undefined: no program may act on these findings.
 */
export function openGate(
  findings: readonly Finding[],
  minSeverity: Severity,
  budgetPpm = Number.POSITIVE_INFINITY,
): OpenGate | undefined {
  const strong = findings.filter(
    ({ severity, deterministic }) => isAtLeast(severity, minSeverity) && deterministic !== false,
  );
  const hard = strong.find((finding) => finding.class === "invariant" && finding.hard);
  const damage = strong.find((finding) => finding.class === "damage" || finding.class === "invariant");
  const isWithin = (finding: Finding) =>
    budgetPpm === Number.POSITIVE_INFINITY || (finding.budgetPpm !== undefined && finding.budgetPpm <= budgetPpm);
  const anomaly = strong.find(
    (finding) => finding.class === "anomaly" && finding.atActionLevel !== false && isWithin(finding),
  );
  if (anomaly !== undefined && damage !== undefined) return { anomaly, damage };
  return hard === undefined ? undefined : { anomaly: hard, damage: hard };
}
