import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ScenariosMissing } from "../../drill/loadScenarios.ts";
import type { IncidentRow } from "./IncidentRow.ts";

// The corpus is played on contracts of the examples; the server knows only where it stands.
const module = new URL("../../../../../examples/dist/corpus/incidentRows.js", import.meta.url);

/** The rows of the incident corpus that stand beside this program. Throws ScenariosMissing when they are not built. */
export async function loadIncidents(): Promise<readonly IncidentRow[]> {
  const path = fileURLToPath(module);
  if (!existsSync(path)) throw new ScenariosMissing(path);
  const { incidentRows } = (await import(module.href)) as { readonly incidentRows: readonly IncidentRow[] };
  return incidentRows;
}
