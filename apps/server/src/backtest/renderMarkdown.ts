import { countOf } from "@testudo/core/model/countOf";
import { firstLineOf } from "@testudo/core/model/firstLineOf";
import type { Comparison } from "./compareReports.ts";
import type { Rate, Row } from "./evaluate.ts";
import { inCode } from "./inCode.ts";
import { renderIncidents } from "./incidents/renderIncidents.ts";
import type { Report } from "./Report.ts";

/** The report as Markdown, for a terminal and for a file. Text out of contracts and files is made harmless. */
export function renderMarkdown(report: Report, comparison?: Comparison): string {
  return [
    `# Back-test`,
    "",
    ...headOf(report),
    "",
    "## Confusion matrix",
    "",
    "Fired means high or critical; paging is critical; the gate needs an anomaly and damage. Rates with 95 % intervals of Clopper and Pearson.",
    "",
    "| | TP | FN | FP | TN | N/A attack | N/A benign | recall | precision | false positives | coverage | recall-all |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ...report.evaluation.map(matrixLine),
    "",
    "## At the base rate of a live feed",
    "",
    "Share of alerts that are true, and what the intervals leave of it; false alerts a day, and at most.",
    "",
    "| | 1 in 1,000 | 1 in 100,000 | 1 in 1,000,000 | a day of 1,000 | a day of 10,000 |",
    "|---|---|---|---|---|---|",
    ...report.evaluation.filter(isAlerting).map(baseLine),
    "",
    ...boundLines(report),
    ...incidentLines(report),
    ...stageLines(report),
    ...criticalLines(report),
    ...notJudgedLines(report),
    ...faultLines(report),
    ...comparisonLines(comparison),
    "## Limits",
    "",
    ...report.limits.map((limit) => `- ${limit}`),
    "",
    `Data ${report.data.hash}, detectors ${Object.entries(report.detectors)
      .map(([id, version]) => `${id} ${version}`)
      .join(", ")}.`,
    "",
  ].join("\n");
}

function incidentLines({ incidents = [] }: Report): string[] {
  return incidents.length === 0 ? [] : ["## Incident corpus", "", renderIncidents(incidents), ""];
}

function headOf(report: Report): string[] {
  const { transactions, judged, skipped, alerts, alertsPerDay, latency, duplicates, faults, complete, seconds } =
    report;
  const reasons = Object.entries(skipped).map(([reason, count]) => `${reason} ${count}`);
  const said = Object.entries(alerts).filter(([, count]) => count > 0);
  return [
    ...(complete ? [] : ["**Stopped before the end.**", ""]),
    `- ${countOf(transactions, "transaction")}, ${judged} judged${reasons.length > 0 ? `; not judged: ${reasons.join(", ")}` : ""}.`,
    `- Findings: ${said.length === 0 ? "none" : said.map(([severity, count]) => `${count} ${severity}`).join(", ")}.`,
    ...(alertsPerDay === null ? [] : [`- ${alertsPerDay.toFixed(2)} high or critical alerts a day of chain time.`]),
    ...(latency === null
      ? []
      : [`- Judging takes ${ms(latency.p50)} (p50), ${ms(latency.p95)} (p95), ${ms(latency.max)} at most.`]),
    ...(duplicates === 0 ? [] : [`- ${duplicates} cases of transactions that another set has too, counted once.`]),
    ...(faults.length === 0 ? [] : [`- ${countOf(faults.length, "fault")}, named below.`]),
    `- ${seconds.toFixed(1)} s.`,
  ];
}

function matrixLine({ name, kind, matrix, ...rates }: Row): string {
  const { tp, fn, fp, tn, na } = matrix;
  // A mechanism's name stands in a table of labels.
  const shown = kind === "mechanism" ? inCode(name) : name;
  const label = kind === "detector" ? shown : `**${shown}**`;
  const cells = [tp, fn, fp, tn, na.attack, na.benign];
  const { recall, precision, falsePositiveRate, coverage, recallAll } = rates;
  return `| ${label} | ${cells.join(" | ")} | ${[recall, precision, falsePositiveRate, coverage, recallAll].map(percent).join(" | ")} |`;
}

function isAlerting({ kind }: Row): boolean {
  return kind === "union" || kind === "paging" || kind === "gate" || kind === "detector";
}

function baseLine({ name, predictive, falseAlertsPerDay }: Row): string {
  const shares = predictive.map(({ value, atLeast }) => bounded(value, atLeast, "≥", share));
  const days = falseAlertsPerDay.map(({ value, atMost }) => bounded(value, atMost, "≤", count));
  return `| ${name} | ${[...shares, ...days].join(" | ")} |`;
}

function bounded(value: number | null, bound: number | null, sign: string, show: (value: number) => string): string {
  if (bound === null) return "–";
  return `${value === null ? "–" : show(value)} (${sign} ${show(bound)})`;
}

function boundLines({ bounds }: Report): string[] {
  if (bounds.length === 0) return [];
  return [
    "## What the data does not exclude",
    "",
    ...bounds.map(
      ({ what, hits, trials, rateNotExcluded }) =>
        `- ${hits} ${what} in ${trials}: at most ${share(rateNotExcluded)} (95 %).`,
    ),
    "",
  ];
}

function stageLines({ stages }: Report): string[] {
  const told = Object.entries(stages);
  if (told.length === 0) return [];
  return ["## When attacks were told", "", ...told.map(([stage, of]) => `- ${stage}: ${of}`), ""];
}

function criticalLines({ criticalTransactions }: Report): string[] {
  if (criticalTransactions.length === 0) return [];
  const lines = criticalTransactions
    .slice(0, 50)
    .map(
      ({ tx, source, truth, findings: [first] }) =>
        `| ${shownTx(tx)} | ${inCode(source)} | ${truth} | ${first!.detector} | ${inCode(first!.reason)} |`,
    );
  const rest = criticalTransactions.length - lines.length;
  return [
    "## Critical transactions",
    "",
    "| transaction | source | truth | detector | reason |",
    "|---|---|---|---|---|",
    ...lines,
    ...(rest > 0 ? ["", `${rest} more in report.json.`] : []),
    "",
  ];
}

function notJudgedLines({ notJudged }: Report): string[] {
  if (notJudged.length === 0) return [];
  const lines = notJudged
    .slice(0, 50)
    .map(({ tx, truth, reason, note }) => `| ${shownTx(tx)} | ${truth} | ${reason} | ${inCode(note.slice(0, 200))} |`);
  const rest = notJudged.length - lines.length;
  return [
    "## Not judged",
    "",
    "| transaction | truth | reason | what was said |",
    "|---|---|---|---|",
    ...lines,
    ...(rest > 0 ? ["", `${rest} more in report.json.`] : []),
    "",
  ];
}

function faultLines({ faults }: Report): string[] {
  if (faults.length === 0) return [];
  const lines = faults
    .slice(0, 50)
    .map(({ source, message }) => `- ${inCode(source)}: ${inCode(firstLineOf(message).slice(0, 200))}`);
  const rest = faults.length - lines.length;
  return ["## What failed", "", ...lines, ...(rest > 0 ? [`- ${rest} more in report.json.`] : []), ""];
}

function comparisonLines(comparison: Comparison | undefined): string[] {
  if (comparison === undefined) return [];
  const { cases, onlyNow, onlyBefore, p, verdict, lost, newFalse, names = {}, other } = comparison;
  const named = (tx: string) => (names[tx] === undefined ? shownTx(tx) : `${shownTx(tx)} (${inCode(names[tx])})`);
  const right =
    other === undefined
      ? `right now only ${onlyNow}, right before only ${onlyBefore}`
      : `right here only ${onlyNow}, right there only ${onlyBefore}`;
  return [
    `## Against ${other === undefined ? "the baseline" : inCode(other)}`,
    "",
    `- ${countOf(cases, "case")} judged by both; ${right}; McNemar's exact p = ${p.toFixed(4)}.`,
    `- Difference: ${verdict}.`,
    ...lost.map((tx) => `- ${other === undefined ? "lost" : "told there only"}: ${named(tx)}`),
    ...newFalse.map((tx) => `- ${other === undefined ? "new false alarm" : "false alarm here only"}: ${named(tx)}`),
    "",
  ];
}

/** A hash as it is; whatever else a file calls a transaction, as code. */
function shownTx(tx: string): string {
  return /^0x[0-9a-f]*$/i.test(tx) ? tx : inCode(tx);
}

/** A rate in percent with its interval, or a dash where nothing was counted. */
export function percent({ value, low, high }: Rate): string {
  return value === null ? "–" : `${share(value)} [${share(low)}, ${share(high)}]`;
}

/** A share in percent, with as many digits as it needs to be told from nought. */
export function share(value: number): string {
  const hundred = value * 100;
  if (hundred === 0 || hundred >= 10) return `${hundred.toFixed(hundred === 0 || hundred === 100 ? 0 : 1)} %`;
  return `${hundred >= 0.01 ? hundred.toFixed(hundred >= 1 ? 1 : 3) : hundred.toExponential(1)} %`;
}

function count(value: number): string {
  return value === 0 ? "0" : value >= 10 ? value.toFixed(0) : value.toFixed(2);
}

function ms(value: number): string {
  return value < 10 ? `${value.toFixed(2)} ms` : `${value.toFixed(0)} ms`;
}
