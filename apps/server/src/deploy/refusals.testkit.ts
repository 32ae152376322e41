// Breaks the example in one place and tells how the schema refuses it.
import { expect, test } from "vitest";
import { explainIssues } from "../config/explainIssue.ts";
import type { DeploymentConfig } from "./Deployment.ts";
import { deploymentSchema } from "./deploymentSchema.ts";
import { exampleDeployment } from "./example.testkit.ts";

// biome-ignore lint/suspicious/noExplicitAny: what is tested are values that the type does not allow
export type Draft = any;

/** What is broken, how, where that is told, and a part of the reason; or the value at a path, which is where it is told. */
export type Broken =
  | readonly [what: string, change: (draft: Draft) => void, place: string, reason: string]
  | readonly [what: string, value: Readonly<Record<string, unknown>>, reason: string];

/** Each mistake of `file` in one line, which begins with its place. */
export function refusals(file: DeploymentConfig): readonly string[] {
  const checked = deploymentSchema.safeParse(file);
  if (checked.success) return [];
  const placeOf = (path: readonly PropertyKey[]) => ({ file: path.map(String).join(".") });
  const mistakes = explainIssues(checked.error.issues, { input: file, placeOf, root: "The deployment" });
  return mistakes.map(({ place, what, allowed, wayOut }) => `${place.file}: ${what} ${allowed} ${wayOut}`);
}

/** One test for each of `table`: the example with that thing changed is refused, with the reason at its place. */
export function testRefusals(table: readonly Broken[], example: () => object = exampleDeployment): void {
  test.each(table.map(toChange))("error: %s is refused with the reason", (_, change, place, reason) => {
    const draft: Draft = structuredClone(example());
    expect(refusals(draft)).toEqual([]);
    change(draft);
    const said = refusals(draft);
    expect(
      said.find((line) => line.startsWith(`${place}: `) && line.includes(reason)),
      said.join("\n"),
    ).toBeDefined();
  });
}

/** Sets what stands in `draft` at `path`, as "flow.0.tripSeconds". */
export function put(draft: Draft, path: readonly PropertyKey[], value: unknown): void {
  const parent = path.slice(0, -1).reduce((at, key) => at[key], draft);
  parent[path.at(-1)!] = value;
}

function toChange(row: Broken): readonly [string, (draft: Draft) => void, string, string] {
  if (row.length === 4) return row;
  const [what, value, reason] = row;
  const [[place, broken] = ["", undefined]] = Object.entries(value);
  return [what, (draft) => put(draft, place.split("."), broken), place, reason];
}
