import { UsageError } from "../config/UsageError.ts";
import { loadScenarios } from "../drill/loadScenarios.ts";
import type { Scenario } from "../drill/Scenario.ts";
import type { IncidentRow } from "./incidents/IncidentRow.ts";
import { loadIncidents } from "./incidents/loadIncidents.ts";

/** What `--scenario` names: attacks of the drill, and rows of the incident corpus. */
export interface FoundScenarios {
  readonly drills: readonly Scenario[];
  readonly incidents: readonly IncidentRow[];
}

/** Names of several at once. */
const groups = ["corpus", "drill", "all"];

/** The scenarios called `names`; `corpus`, `drill` and `all` name many. Throws UsageError for a name that there is not. */
export async function findScenarios(names: readonly string[]): Promise<FoundScenarios> {
  const [drills, incidents] = await Promise.all([loadScenarios(), loadIncidents()]);
  const known = [...drills, ...incidents].map(({ name }) => name);
  const wrong = names.find((name) => !known.includes(name) && !groups.includes(name));
  if (wrong !== undefined)
    throw new UsageError(
      `--scenario "${wrong}" is none.`,
      `Allowed: ${[...groups, ...known].join(", ")}.`,
      "Correct the name.",
    );
  const isNamed = (name: string, group: string) => [name, group, "all"].some((one) => names.includes(one));
  return {
    drills: drills.filter(({ name }) => isNamed(name, "drill")),
    incidents: incidents.filter(({ name }) => isNamed(name, "corpus")),
  };
}
