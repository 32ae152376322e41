// The board and the alert rules name only what the server shows, with labels that it has.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openMetrics } from "./Metrics.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, "utf8");
const { registry, ...metrics } = openMetrics();
const named = ["testudo_block_lag", "testudo_head_to_finding_seconds", "testudo_detector_duration_seconds"];

interface Known {
  readonly labels: readonly string[];
  readonly type: string;
}
const known = new Map<string, Known>(
  Object.values(metrics).map((metric) => {
    const { name, labelNames } = metric as unknown as { name: string; labelNames: string[] };
    return [name, { labels: labelNames, type: metric.constructor.name }];
  }),
);

const alerts = read("deploy/observability/alerts.yml");
const ruleExpressions = [...alerts.matchAll(/^ +expr: (.+)$/gm)].map(([, expression]) => expression!);
const board = JSON.parse(read("deploy/observability/grafana.json")) as {
  panels: { title: string; targets: { expr: string; legendFormat: string }[] }[];
};
const boardExpressions = board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

/** The metric behind a name in an expression; undefined for one that the server does not show. */
function metricOf(name: string): Known | undefined {
  const plain = known.get(name);
  if (plain !== undefined) return plain.type === "Histogram" ? undefined : plain;
  const base = /^(.*)_(?:bucket|sum|count)$/.exec(name)?.[1];
  const histogram = base === undefined ? undefined : known.get(base);
  return histogram?.type === "Histogram" ? { ...histogram, labels: [...histogram.labels, "le"] } : undefined;
}

const namesIn = (expression: string) => expression.match(/testudo_\w+/g) ?? [];

test("OBS-01: the server shows the metrics of the specification and no others", () => {
  expect([...known.keys()].sort()).toEqual(
    [
      ...named,
      "testudo_detector_errors_total",
      "testudo_detection_threads_lost_total",
      "testudo_findings_total",
      "testudo_reorgs_total",
      "testudo_reorg_depth",
      "testudo_rpc_requests_total",
      "testudo_rpc_errors_total",
      "testudo_rpc_duration_seconds",
      "testudo_rpc_disagreements_total",
      "testudo_scope_degraded",
      "testudo_queue_blocks",
      "testudo_block_stored_timestamp",
      "testudo_block_time_seconds",
      "testudo_branches_judged",
      "testudo_notify_total",
      "testudo_notify_dead_letters",
      "testudo_action_total",
      "testudo_sim_duration_seconds",
      "testudo_fp_budget_used_ratio",
      "testudo_calibration_age_seconds",
      "testudo_heartbeat_timestamp",
      "testudo_spans_total",
      "testudo_reexecution_total",
      "testudo_reexecution_seconds",
      "testudo_preblock_total",
      "testudo_preblock_seconds",
      "testudo_not_predicted_total",
    ].sort(),
  );
});

test.each([
  ["alert rules", ruleExpressions],
  ["board", boardExpressions],
])("OBS-04: every metric and label that the %s use is there, and every metric is used", (_, expressions) => {
  for (const expression of expressions) {
    const found = namesIn(expression).map((name) => [name, metricOf(name)] as const);
    expect(found.filter(([, metric]) => metric === undefined)).toEqual([]);
    const labels = new Set(["job", ...found.flatMap(([, metric]) => metric?.labels ?? [])]);
    const used = [
      ...[...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(",").map((l) => l.trim())),
      ...[...expression.matchAll(/(\w+)(?:=~|=|!=)"/g)].map(([, label]) => label!),
    ];
    for (const label of used)
      expect({ expression, label, isKnown: labels.has(label) }).toMatchObject({ isKnown: true });
  }
  const all = new Set(expressions.flatMap(namesIn).map((name) => name.replace(/_(bucket|sum|count)$/, "")));
  expect([...known.keys()].filter((name) => !all.has(name))).toEqual([]);
});

test("OBS-04: legends of the board name labels that their expression keeps", () => {
  for (const { targets } of board.panels)
    for (const { expr, legendFormat } of targets)
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
        const kept = /by \(([^)]*)\)/
          .exec(expr)?.[1]
          ?.split(",")
          .map((l) => l.trim());
        expect({
          expr,
          isKept: (kept ?? namesIn(expr).flatMap((name) => metricOf(name)!.labels)).includes(label!),
        }).toMatchObject({
          isKept: true,
        });
      }
});

test("OBS-04: every alert says what to do, where it is written", () => {
  const headings = new Set(
    [...read("docs/alerts.md").matchAll(/^## (.+)$/gm)].map(([, title]) => title!.toLowerCase()),
  );
  const rules = alerts.split(/^ {6}- alert: /m).slice(1);
  expect(rules.length).toBe(ruleExpressions.length);
  for (const rule of rules) {
    const [, page, anchor] = /runbook_url: (\S+)#(\S+)/.exec(rule) ?? [];
    expect([rule.split("\n")[0], page, headings.has(anchor ?? "")]).toEqual([
      rule.split("\n")[0],
      "docs/alerts.md",
      true,
    ]);
    expect(rule).toMatch(/severity: (low|medium|high|critical)/);
  }
});

const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;
// Debian's package `prometheus` brings it.
test.skipIf(!hasPromtool)("OBS-04: promtool takes the rules and sees them fire", () => {
  const cwd = `${root}deploy/observability`;
  const run = (...args: string[]) => spawnSync("promtool", args, { cwd, encoding: "utf8" });
  expect(run("check", "rules", "alerts.yml")).toMatchObject({ status: 0 });
  expect(run("check", "config", "prometheus.yml")).toMatchObject({ status: 0 });
  const tested = run("test", "rules", "alerts.test.yml");
  expect(`${tested.stdout}${tested.stderr}`).toContain("SUCCESS");
});
