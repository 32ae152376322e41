import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openMetrics } from "./Metrics.ts";
import { observeRuns } from "./observeRuns.ts";

const open = () => {
  const metrics = openMetrics();
  return { metrics, runs: observeRuns(metrics) };
};

test("OBS-04: a detector's critical findings begin at zero, or the first would be no increase to Prometheus", async () => {
  const { metrics, runs } = open();
  runs.setDetectors(["outflow"]);
  expect((await metrics.findings.get()).values).toEqual(
    ["adversary", "composite", "probe", "self-health", "outflow"].flatMap((detector) =>
      ["raised", "repeated", "raised-again", "included"].map((status) => ({
        labels: { detector, severity: "critical", status },
        value: 0,
      })),
    ),
  );
});

test("OBS-04: what the rule of critical findings looks at is what begins at zero", async () => {
  const { metrics, runs } = open();
  runs.setDetectors(["outflow"]);
  const { values } = await metrics.findings.get();
  const rules = readFileSync(new URL("../../../../deploy/observability/alerts.yml", import.meta.url), "utf8");
  const statuses = /findings_total\{severity="critical",status=~"([^"]+)"\}/.exec(rules)?.[1]?.split("|");
  expect(statuses?.toSorted()).toEqual([...new Set(values.map(({ labels }) => labels.status))].toSorted());
});

test("OBS-04: lost threads begin at zero by how they were lost", async () => {
  const { metrics } = open();
  expect((await metrics.threadsLost.get()).values).toEqual([
    { labels: { result: "overran" }, value: 0 },
    { labels: { result: "died" }, value: 0 },
  ]);
});

test("behavior: detectors that come later begin at zero, and what was counted stays", async () => {
  const { metrics, runs } = open();
  runs.setDetectors(["outflow"]);
  metrics.findings.inc({ detector: "outflow", severity: "critical", status: "raised" });
  runs.setDetectors(["outflow", "funding"]);
  const { values } = await metrics.findings.get();
  const raised = values.filter(({ labels }) => labels.status === "raised");
  const counted = new Map(raised.map(({ labels, value }) => [labels.detector, value]));
  expect([counted.get("outflow"), counted.get("funding")]).toEqual([1, 0]);
});
