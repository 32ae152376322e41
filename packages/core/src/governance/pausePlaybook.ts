import type { PausePlan } from "../model/Action.ts";
import { isAtLeast, type Severity } from "../model/Finding.ts";
import type { Address } from "../model/Hex.ts";
import type { Playbook } from "../model/Playbook.ts";
import { pause } from "./pause.ts";
import { playbookVersion } from "./playbookVersion.ts";

/** Which functions of which contracts to pause, and for how long. */
export interface PauseTarget {
  readonly target: Address;
  /** By selector, or written as in Solidity. */
  readonly selectors: readonly string[];
  readonly durationSeconds: number;
}

/**
 * A playbook that pauses `targets` when an incident reaches `severity` (default critical). Throws `PlaybookMalformed`.
 *
 * @example
 * pausePlaybook({ id: "stop-exits", targets: [{ target: vault, selectors: ["withdraw(uint256)"], durationSeconds: 6 * 3600 }] })
 */
export function pausePlaybook(options: { id: string; targets: readonly PauseTarget[]; severity?: Severity }): Playbook {
  const { severity = "critical" } = options;
  const plans = options.targets.map(planOf);
  return {
    id: options.id,
    version: playbookVersion({ severity, plans }),
    matches: (incident) => isAtLeast(incident.severity, severity),
    plan: () => plans,
  };
}

/** The pause of one target. Throws `PlaybookMalformed`. */
export function planOf({ target, selectors, durationSeconds }: PauseTarget): PausePlan {
  return pause(target, selectors, durationSeconds);
}
