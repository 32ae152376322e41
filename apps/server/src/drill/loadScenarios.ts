import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Scenario } from "./Scenario.ts";

// Examples know the server; the server knows only where they stand. Nothing that ships imports them.
const modules = ["curie", "reference", "pawn"].map(
  (example) => new URL(`../../../../examples/dist/${example}/drill.js`, import.meta.url),
);

/** The scenarios that stand beside this program. Throws ScenariosMissing when they are not built. */
export async function loadScenarios(): Promise<readonly Scenario[]> {
  const found: Scenario[] = [];
  for (const module of modules) {
    const path = fileURLToPath(module);
    if (!existsSync(path)) throw new ScenariosMissing(path);
    const { scenarios } = (await import(module.href)) as { readonly scenarios: readonly Scenario[] };
    found.push(...scenarios);
  }
  return found;
}

/** The scenarios are not there: the drill needs the project's repository, built. */
export class ScenariosMissing extends Error {
  override readonly name = "ScenariosMissing";
  constructor(path: string) {
    super(
      `No scenario at "${path}".\n- The drill's scenarios are built with the project.\n- Run \`npm run build\` in its root folder.`,
    );
  }
}
