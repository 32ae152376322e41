import type { PauseAction, RuleAction } from "@testudo/core/model/Action";
import { describeRule } from "@testudo/core/model/GuardRule";
import type { Hex } from "@testudo/core/model/Hex";
import { timeText } from "@testudo/core/model/timeText";
import type { ActionView } from "../store/listViews.ts";

/**
 * What an action would do, in sentences for the person who is asked to sign it. Made from the action that is signed and
 * nothing else, so that it cannot say something different.
 */
export function intentOf(
  { action, simulation, approvals }: ActionView,
  nameOf?: (target: Hex, selector: Hex) => string | undefined,
): string[] {
  const named = action.selectors.map((selector) => {
    const name = nameOf?.(action.target, selector);
    return name === undefined ? selector : `${name} (${selector})`;
  });
  return [
    ...(action.type === "pause" ? pauseLines(action, named, approvals.length) : ruleLines(action, named)),
    `Because of anomaly ${action.anomaly} and damage ${action.damage} in incident ${action.incident}.`,
    simulation === undefined
      ? "Not simulated yet: do not sign."
      : `Simulation at block ${simulation.blockNumber} ${simulation.passed ? "passed" : "FAILED, do not sign"}: ${simulation.note}`,
  ];
}

function pauseLines(action: PauseAction, named: readonly string[], approvals: number): string[] {
  return [
    `Pause ${named.join(", ")} on ${action.target}, chain ${action.chainId}, until ${timeText(action.until)}.`,
    "Nothing else: no funds move, and the pause ends by itself.",
    `Sent through council ${action.council}; needs ${action.quorum} signatures before ${timeText(action.deadline)}, has ${approvals}.`,
  ];
}

function ruleLines(action: RuleAction, named: readonly string[]): string[] {
  return [
    `Rule ${describeRule(action.rule)} for ${named.join(", ")} on ${action.target}, chain ${action.chainId}, until ${timeText(action.until)}.`,
    "Nothing else: no funds move, and the rule ends by itself.",
    `Sent by program ${action.program} within its policy; needs no signature. Guardians take it back by one call of council ${action.council}: the typed data is that message.`,
  ];
}
