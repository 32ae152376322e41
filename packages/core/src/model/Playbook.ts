import type { ActionPlan } from "./Action.ts";
import type { Finding } from "./Finding.ts";
import type { Incident } from "./Incident.ts";

/** Answers an incident with plans. Pure; the policy decides afterwards what of it is allowed. */
export interface Playbook {
  readonly id: string;
  readonly version: string;
  /** Detectors that it waits for, where it names any, as `isDetectorNamed` reads names. */
  readonly detectors?: readonly string[];
  /** Whether this playbook answers the incident. `lastSeen` is the newest block that each was found in: it may be found again and again. */
  matches(incident: Incident, findings: readonly Finding[], lastSeen?: (finding: Finding) => bigint): boolean;
  plan(incident: Incident, findings: readonly Finding[]): readonly ActionPlan[];
}

/** Whether the detector `id` is meant by `name`: an invariant goes by its own name, too. */
export function isDetectorNamed(id: string, name: string): boolean {
  return id === name || id === `invariant-${name}`;
}
