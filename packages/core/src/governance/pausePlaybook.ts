import type { PausePlan } from "../model/Action.ts";
import { isAtLeast, type Severity } from "../model/Finding.ts";
import type { Address, Hex } from "../model/Hex.ts";
import type { Playbook } from "../model/Playbook.ts";
import { playbookVersion } from "./playbookVersion.ts";

/** Which functions of which contracts to pause, and for how long. */
export interface PauseTarget {
  readonly target: Address;
  readonly selectors: readonly Hex[];
  readonly durationSeconds: number;
}

/**
 * A playbook that pauses `targets` when an incident reaches `severity` (default critical).
 *
 * @example
 * pausePlaybook({ id: "stop-exits", targets: [{ target: vault, selectors: [withdraw], durationSeconds: 6 * 3600 }] })
 */
export function pausePlaybook(options: { id: string; targets: readonly PauseTarget[]; severity?: Severity }): Playbook {
  const { severity = "critical" } = options;
  const plans: readonly PausePlan[] = options.targets.map((target) => ({ type: "pause", ...target }));
  return {
    id: options.id,
    version: playbookVersion({ severity, plans }),
    matches: (incident) => isAtLeast(incident.severity, severity),
    plan: () => plans,
  };
}
