import { firstLineOf } from "@testudo/core/model/firstLineOf";
import type { Comparison } from "./compareReports.ts";
import { escapeHtml } from "./escapeHtml.ts";
import type { Rate, Row } from "./evaluate.ts";
import { pageStyle } from "./pageStyle.ts";
import { alertsPlot, intervalPlot, latencyPlot } from "./plots.ts";
import type { Report } from "./Report.ts";
import { share } from "./renderMarkdown.ts";

/**
 * The report as one HTML page that stands by itself: no script, no font, nothing that is loaded from elsewhere. Everything out of
 * files and contracts is escaped.
 */
export function renderHtml(report: Report, comparison?: Comparison): string {
  const alerts = alertsPlot(report.overTime);
  const sections = [
    section("What was judged", tilesOf(report)),
    ...comparisonOf(comparison),
    ...(report.complete ? [] : [`<p class="warn">Stopped before the end: the figures are of a part.</p>`]),
    section("Confusion matrix", `${matrixOf(report)}${legend}`),
    section("Detectors and classes", tableOf(report.evaluation)),
    section("At the base rate of a live feed", baseTable(report.evaluation)),
    ...(alerts === undefined ? [] : [section("Alerts over time", `${alerts}${keyOfAlerts}`)]),
    ...(report.latency === null ? [] : [section("Time to judge a transaction", latencyPlot(report.latency))]),
    ...boundsOf(report),
    ...criticalsOf(report),
    ...faultsOf(report),
    section("Limits", `<ul>${report.limits.map((limit) => `<li>${escapeHtml(limit)}</li>`).join("")}</ul>`),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Testudo back-test</title>
<style>${pageStyle}</style>
</head>
<body>
<header><h1>Back-test</h1><p>${escapeHtml(subtitleOf(report))}</p></header>
<main>
${sections.join("\n")}
</main>
<footer><p>Data <code>${report.data.hash}</code></p><p>${escapeHtml(versionsOf(report))}</p></footer>
</body>
</html>
`;
}

const legend = `<p class="note">Told is a finding of high or critical. What could not be judged stands beside the matrix.</p>`;
const keyOfAlerts = `<p class="key"><span class="critical"></span>critical <span class="high"></span>high <span class="lower"></span>medium or less</p>`;

/** A number with its thousands apart and `digits` behind the point. */
function grouped(value: number, digits = 0): string {
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function section(title: string, body: string): string {
  return `<section><h2>${title}</h2>${body}</section>`;
}

function subtitleOf({ transactions, judged, seconds }: Report): string {
  return `${grouped(judged)} of ${grouped(transactions)} transactions judged in ${seconds.toFixed(1)} s`;
}

function versionsOf({ detectors }: Report): string {
  return Object.entries(detectors)
    .map(([id, version]) => `${id} ${version}`)
    .join(" · ");
}

function tilesOf(report: Report): string {
  const { transactions, judged, skipped, alerts, alertedTransactions, alertsPerDay, latency } = report;
  const reasons = Object.entries(skipped).map(([reason, count]) => `${grouped(count)} ${reason}`);
  const left = transactions - judged;
  return `<div class="tiles">${[
    tile("judged", grouped(judged), left === 0 ? "all" : `not judged: ${reasons.join(", ")}`),
    tile("critical", grouped(alertedTransactions.critical), `transactions; ${grouped(alerts.critical)} findings`),
    tile("high", grouped(alertedTransactions.high), `transactions; ${grouped(alerts.high)} findings`),
    ...(alertsPerDay === null
      ? []
      : [tile("alerts a day", grouped(alertsPerDay, 2), "high or critical, of chain time")]),
    ...(latency === null
      ? []
      : [tile("to judge", `${latency.p95.toFixed(1)} ms`, `p95; ${latency.p50.toFixed(2)} ms p50`)]),
  ].join("")}</div>`;
}

function tile(label: string, value: string, note: string): string {
  return `<div class="tile"><span class="label">${label}</span><span class="value">${escapeHtml(value)}</span><span class="note">${escapeHtml(note)}</span></div>`;
}

function matrixOf({ evaluation }: Report): string {
  const shown = evaluation.filter(({ kind }) => kind === "union" || kind === "paging" || kind === "gate");
  return `<div class="matrices">${shown
    .map(({ name, matrix: { tp, fn, fp, tn, na } }) => {
      const cell = (kind: string, count: number) =>
        `<td class="${kind}${count === 0 ? " none" : ""}">${grouped(count)}</td>`;
      return `<table class="matrix"><caption>${escapeHtml(titles[name] ?? name)}</caption><thead><tr><td></td><th scope="col">told</th><th scope="col">silent</th><th scope="col">n/a</th></tr></thead><tbody><tr><th scope="row">attack</th>${cell("good", tp)}${cell("bad", fn)}${cell("na", na.attack)}</tr><tr><th scope="row">ordinary</th>${cell("bad", fp)}${cell("good", tn)}${cell("na", na.benign)}</tr></tbody></table>`;
    })
    .join("")}</div>`;
}

const titles: { readonly [name: string]: string } = {
  union: "Any detector",
  paging: "Paging (critical)",
  gate: "Gate (anomaly and damage)",
};

function tableOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { recall, precision, falsePositiveRate, coverage, recallAll, matrix } = row;
    const rates = [recall, falsePositiveRate, precision, coverage, recallAll].map((one) => `<td>${rate(one)}</td>`);
    const counts = [matrix.tp, matrix.fn, matrix.fp, matrix.tn].map((count) => `<td>${grouped(count)}</td>`);
    return `<tr class="${row.kind}"><th scope="row">${nameOf(row)}</th>${[...rates, ...counts].join("")}</tr>`;
  });
  const heads = ["recall", "false positives", "precision", "coverage", "recall-all", "TP", "FN", "FP", "TN"];
  return `<div class="scroll"><table><thead><tr><td></td>${heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead><tbody>${lines.join("")}</tbody></table></div>`;
}

function nameOf({ name }: Row): string {
  return escapeHtml(titles[name] ?? name);
}

function rate(one: Rate): string {
  if (one.value === null) return `<span class="dash">–</span>`;
  return `<span class="figure">${share(one.value)}</span>${intervalPlot(one)}<span class="interval">${share(one.low)} – ${share(one.high)}</span>`;
}

const unknownBase = `<p class="note">Nothing can be said of it: that takes attacks and ordinary transactions, and both judged.</p>`;

function baseTable(rows: readonly Row[]): string {
  const known = rows.filter(
    ({ predictive, falseAlertsPerDay }) =>
      predictive.some(({ atLeast }) => atLeast !== null) || falseAlertsPerDay.some(({ atMost }) => atMost !== null),
  );
  if (known.length === 0) return unknownBase;
  const lines = known
    .filter(({ kind }) => kind === "union" || kind === "paging" || kind === "gate" || kind === "detector")
    .map(({ name, kind, predictive, falseAlertsPerDay }) => {
      const shares = predictive.map(({ value, atLeast }) => pair(value, atLeast, "≥", share));
      const days = falseAlertsPerDay.map(({ value, atMost }) => pair(value, atMost, "≤", rounded));
      return `<tr class="${kind}"><th scope="row">${escapeHtml(titles[name] ?? name)}</th>${[...shares, ...days].join("")}</tr>`;
    });
  return `<p class="note">Share of alerts that are true where so few transactions are attacks, and false alerts a day. Below each, what the intervals leave of it.</p><div class="scroll"><table><thead><tr><td></td><th scope="col">1 in 1,000</th><th scope="col">1 in 100,000</th><th scope="col">1 in 1,000,000</th><th scope="col">of 1,000 a day</th><th scope="col">of 10,000 a day</th></tr></thead><tbody>${lines.join("")}</tbody></table></div>`;
}

function pair(value: number | null, bound: number | null, sign: string, show: (value: number) => string): string {
  if (bound === null) return `<td><span class="dash">–</span></td>`;
  const figure = value === null ? "–" : show(value);
  return `<td><span class="figure">${figure}</span><span class="interval">${sign} ${show(bound)}</span></td>`;
}

function rounded(value: number): string {
  return grouped(value, value === 0 || value >= 10 ? 0 : 2);
}

function boundsOf({ bounds }: Report): string[] {
  if (bounds.length === 0) return [];
  const items = bounds.map(
    ({ what, hits, trials, rateNotExcluded }) =>
      `<li>${grouped(hits)} ${escapeHtml(what)} in ${grouped(trials)}: the rate is at most <strong>${share(rateNotExcluded)}</strong> (95 %).</li>`,
  );
  return [section("What the data does not exclude", `<ul>${items.join("")}</ul>`)];
}

const listed = 50;
const sourceMax = 34;

// Files of call trees are named by a hash.
function shortened(text: string): string {
  return text.length <= sourceMax ? text : `${text.slice(0, 12)}…${text.slice(-14)}`;
}

function faultsOf({ faults }: Report): string[] {
  if (faults.length === 0) return [];
  const items = faults
    .slice(0, listed)
    .map(({ source, message }) => `<li>${escapeHtml(source)}: ${escapeHtml(firstLineOf(message).slice(0, 200))}</li>`);
  const rest = faults.length - items.length;
  const note = rest > 0 ? `<p class="note">${grouped(rest)} more in report.json.</p>` : "";
  return [section("What failed", `<ul>${items.join("")}</ul>${note}`)];
}

function criticalsOf({ criticalTransactions }: Report): string[] {
  if (criticalTransactions.length === 0) return [];
  const lines = criticalTransactions.slice(0, listed).map(({ tx, source, truth, findings }) => {
    const [first] = findings;
    return `<tr><td><code title="${escapeHtml(tx)}">${escapeHtml(tx.slice(0, 10))}…${escapeHtml(tx.slice(-6))}</code></td><td>${truth}</td><td>${escapeHtml(shortened(source))}</td><td>${escapeHtml(first!.detector)}</td><td class="reason">${escapeHtml(first!.reason)}</td></tr>`;
  });
  const rest = criticalTransactions.length - lines.length;
  const note = rest > 0 ? `<p class="note">${grouped(rest)} more in report.json.</p>` : "";
  return [
    section(
      "Critical transactions",
      `<div class="scroll"><table class="list"><thead><tr><th scope="col">transaction</th><th scope="col">truth</th><th scope="col">source</th><th scope="col">detector</th><th scope="col">reason</th></tr></thead><tbody>${lines.join("")}</tbody></table></div>${note}`,
    ),
  ];
}

function comparisonOf(comparison: Comparison | undefined): string[] {
  if (comparison === undefined) return [];
  const { cases, onlyNow, onlyBefore, p, verdict, other } = comparison;
  const [here, there] = other === undefined ? ["now", "before"] : ["here", "there"];
  return [
    section(
      other === undefined ? "Against the baseline" : `Against ${escapeHtml(other)}`,
      `<p>${grouped(cases)} ${cases === 1 ? "case" : "cases"} judged by both. Right ${here} only ${grouped(onlyNow)}, right ${there} only ${grouped(onlyBefore)}; McNemar's exact p = ${p.toFixed(4)}. Difference: <strong>${verdict}</strong>.</p>`,
    ),
  ];
}
