import type { ActionPlan } from "./Action.ts";
import type { Finding } from "./Finding.ts";
import type { Incident } from "./Incident.ts";

/** Answers an incident with plans. Pure; the policy decides afterwards what of it is allowed. */
export interface Playbook {
  readonly id: string;
  readonly version: string;
  /** Whether this playbook answers the incident. */
  matches(incident: Incident, findings: readonly Finding[]): boolean;
  plan(incident: Incident, findings: readonly Finding[]): readonly ActionPlan[];
}
