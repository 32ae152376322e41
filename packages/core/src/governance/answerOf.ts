import type { ActionPlan } from "../model/Action.ts";
import type { Finding } from "../model/Finding.ts";
import { firstLineOf } from "../model/firstLineOf.ts";
import { isAddress } from "../model/Hex.ts";
import type { Incident } from "../model/Incident.ts";
import type { Playbook } from "../model/Playbook.ts";

/** What the first playbook that matches plans, and which failed before it. */
export interface Answer {
  readonly playbook?: Playbook;
  readonly plans: readonly ActionPlan[];
  readonly failed: readonly string[];
}

export interface Answered {
  readonly playbooks: readonly Playbook[];
  readonly incident: Incident;
  readonly findings: readonly Finding[];
  readonly lastSeen?: (finding: Finding) => bigint;
}

/**
 * Asks playbooks in their order. They are the user's code, and run when an attack is under way: one that throws, or plans what
 * cannot be meant, is passed over and named, and neither the others nor the alerts end with it.
 */
export function answerOf({ playbooks, incident, findings, lastSeen }: Answered): Answer {
  const failed: string[] = [];
  for (const playbook of playbooks)
    try {
      if (!playbook.matches(incident, findings, lastSeen)) continue;
      const plans = playbook.plan(incident, findings);
      const wrong = Array.isArray(plans) ? plans.find((plan) => !isPlan(plan)) : plans;
      if (wrong !== undefined || !Array.isArray(plans)) throw new Error("it plans what cannot be meant");
      return { playbook, plans, failed };
    } catch (error) {
      failed.push(`playbook ${playbook.id} failed: ${firstLineOf(error).slice(0, 200)}`);
    }
  return { plans: [], failed };
}

const isTime = (seconds: unknown) => Number.isInteger(seconds) && (seconds as number) > 0;

function isPlan(plan: ActionPlan | null | undefined): boolean {
  switch (plan?.type) {
    case "notifyOnly":
      return true;
    case "pause":
      return isAddress(plan.target) && Array.isArray(plan.selectors) && isTime(plan.durationSeconds);
    case "deriveRule":
      return isAddress(plan.target) && isTime(plan.durationSeconds);
    case "guardRule":
      return isAddress(plan.rule?.target) && typeof plan.rule.selector === "string" && isTime(plan.durationSeconds);
    default:
      return false;
  }
}
