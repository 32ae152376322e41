import type { Shown } from "./Scenario.ts";

// The ways out of risk that every drill has to show by real calls, while a pause is in force.
const waysOut = ["deposit", "closePosition", "liquidate"];

/** The ways out of risk that `riskReducing` shows shut, or does not show at all; empty when people can get out (RESP-02). */
export function shutWays(riskReducing: readonly Shown[]): readonly string[] {
  const missing = waysOut.filter((name) => !riskReducing.some((way) => way.name === name));
  return [...riskReducing.filter((way) => !way.ok).map((way) => way.name), ...missing];
}
