// Each row as attack and as benign twin, judged by the production pipeline as any node's blocks are.
import { readFileSync } from "node:fs";
import { isAtLeast } from "@testudo/core/model/Finding";
import type { IncidentResult } from "testudo/backtest/incidents/IncidentResult";
import { incidentSource } from "testudo/backtest/incidents/incidentSource";
import { beforeAll, describe, expect, test } from "vitest";
import { corpusFile, corpusPage } from "./corpusPage.ts";
import { incidentRows } from "./incidentRows.ts";

let results: readonly IncidentResult[];

beforeAll(async () => {
  const source = incidentSource(incidentRows);
  for await (const one of source.cases(new AbortController().signal, () => {}))
    if (one.kind === "fault") throw new Error(one.message);
  results = source.incidents;
}, 600_000);

const resultOf = (name: string) => results.find((result) => result.name === name)!;

describe.each(incidentRows)("EVAL-10: $incident", ({ name, mustFire }) => {
  test("each detector that the corpus names for it tells it, before or in the block of the loss", () => {
    const { first, missed } = resultOf(name);
    expect({ mustFire, missed }).toEqual({ mustFire, missed: [] });
    expect(first?.block).toBeLessThanOrEqual(0);
  });

  test("damage is told besides the anomaly", () => {
    expect(resultOf(name).toldDamage).not.toEqual([]);
  });

  test("the twin makes the same calls with honest inputs, and nothing high is said of it", () => {
    const { saidOfTwin, callsOfAttackAlone } = resultOf(name);
    expect(callsOfAttackAlone).toEqual([]);
    expect(Object.entries(saidOfTwin).filter(([, severity]) => isAtLeast(severity, "high"))).toEqual([]);
  });
});

test("EVAL-10: the page tells what is measured; if not, `node examples/dist/corpus/writeCorpus.js` writes it anew", () => {
  expect(readFileSync(corpusFile, "utf8")).toBe(corpusPage(results));
});
