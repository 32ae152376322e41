import type { Hex } from "@testudo/core/model/Hex";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { EvaluationCase, JudgedCase } from "./Case.ts";
import { compareReports } from "./compareReports.ts";
import { reportOf } from "./Report.ts";
import { renderHtml } from "./renderHtml.ts";
import { renderMarkdown } from "./renderMarkdown.ts";

const one = (text: string, more: Partial<JudgedCase> = {}): JudgedCase => ({
  kind: "judged",
  tx: `0x${"ab".repeat(32)}`,
  truth: "attack",
  source: text,
  name: text,
  mechanism: text,
  at: 1_700_000_000,
  has: ["X", "T", "L", "S"],
  findings: [
    {
      detector: "asset-drain",
      severity: "critical",
      class: "damage",
      subject: `0x${"1".repeat(40)}` as Hex,
      score: 1,
      reason: text,
    },
  ],
  ms: 3,
  ...more,
});
const report = (cases: readonly EvaluationCase[], files: string[] = []) =>
  reportOf({
    cases,
    faults: files.map((source) => ({ kind: "fault", source, message: source })),
    hashes: new Map(files.map((file) => [file, "00"])),
    timed: cases,
    coveredSeconds: 3_600,
    isComplete: files.length === 0,
    seconds: 1,
  });

const ours = new Set(
  "body header h1 h2 p main section div span table caption thead tbody tr td th svg line circle rect title text ul li strong code footer html".split(
    " ",
  ),
);

test("DELIV-04: nothing out of a file, a label or a contract is markup in the page", () => {
  const nasty = fc.string({
    unit: fc.constantFrom("<", ">", "&", '"', "'", "script", " onload=", "\u0000", "\u202e", "](", "|", "\n"),
  });
  fc.assert(
    fc.property(nasty, (text) => {
      const cases = [one(text), one(text, { tx: `0x${"cd".repeat(32)}`, truth: "benign", at: 1_700_090_000 })];
      const html = renderHtml(report(cases, [text]), compareReports(cases, cases));
      const body = html.slice(html.indexOf("<body>"));
      expect(body).not.toMatch(/<script|<[^>]*\sonload=|[^\P{C}\n]/u);
      // Every tag that stands there is one of ours.
      const foreign = [...body.matchAll(/<\/?([a-z0-9]+)/g)].map(([, tag]) => tag!).filter((tag) => !ours.has(tag));
      expect(foreign).toEqual([]);
      expect(renderMarkdown(report(cases, [text]))).not.toMatch(/[^\P{C}\n]/u);
    }),
    { numRuns: 60 },
  );
});

test("error: no text out of a contract or a file becomes markup, a link or a cell of the report as Markdown", () => {
  const texts = [
    "![seen](https://evil.example/i.png)",
    "[all well](https://evil.example) @everyone",
    "<img src=https://evil.example> \\|` <b>",
    "` ![x](https://evil.example) `",
    "| a | b |",
    "\u2028# Nothing was found",
    "https://evil.example and www.evil.example",
  ];
  for (const text of texts) {
    const skipped = {
      ...{ kind: "skipped", reason: "unreadable", tx: text, truth: "attack", source: text, note: text },
    };
    const cases = [one(text), one(text, { tx: text as Hex, truth: "benign" }), skipped as unknown as EvaluationCase];
    const shown = renderMarkdown(report(cases, [text]), compareReports(cases, [one("a", { findings: [] })]));
    const outside = shown.replace(/`[^`\n]*`/g, "CODE");
    expect(outside, text).not.toMatch(/[<`@]|\]\(|evil|\u2028/);
    const rows = outside.split("\n").filter((line) => line.startsWith("|"));
    for (const row of rows) expect([2, 4, 5, 6, 12], row).toContain(row.replaceAll("\\|", "").split("|").length - 2);
  }
});

test("behavior: the page loads nothing, says what it is of, and has matrix, tables and plots", () => {
  const html = renderHtml(report([one("a"), one("b", { tx: `0x${"cd".repeat(32)}`, truth: "benign", findings: [] })]));
  expect(html).toContain("default-src 'none'; style-src 'unsafe-inline'");
  expect(html).not.toMatch(/src=|href=|@import|url\(/);
  for (const title of [
    "Confusion matrix",
    "Detectors and classes",
    "base rate",
    "Alerts over time",
    "Time to judge",
    "Limits",
  ])
    expect(html).toContain(title);
  expect(html).toContain("prefers-color-scheme:dark");
  expect(html).not.toContain("Stopped before the end");
  expect(renderHtml(report([one("a")], ["bad"]))).toContain("Stopped before the end");
});

test("BACK-03: page and Markdown name what failed, and why, by its first line", () => {
  const failed = report([one("a")], ["bad.json"]);
  for (const shown of [renderHtml(failed), renderMarkdown(failed)]) {
    expect(shown).toContain("What failed");
    expect(shown).toContain("bad.json");
  }
  const long = { ...failed, faults: [{ kind: "fault", source: "s", message: "first\nsecond" }] } as typeof failed;
  for (const shown of [renderHtml(long), renderMarkdown(long)]) {
    expect(shown).toContain("first");
    expect(shown).not.toContain("second");
  }
  expect(renderHtml(report([one("a")]))).not.toContain("What failed");
});

test("behavior: a report of nothing renders", () => {
  expect(renderHtml(report([]))).toContain("Back-test");
  expect(renderMarkdown(report([]))).toContain("0 transactions");
});

test("behavior: marks stay within the plot, the comparison stands first, and a base rate without ordinary transactions is a sentence", () => {
  const cases = [1, 2, 3, 100].map((ms, i) => one("a", { tx: `0x${`${i}`.repeat(64)}`, ms }));
  const html = renderHtml(report(cases), compareReports(cases, cases));
  const text = (name: string) => new RegExp(`<text x="([\\d.]+)" y="\\d+" text-anchor="(\\w+)">${name} `).exec(html);
  expect(text("p50")?.[2]).toBe("start");
  expect(text("p95")?.[2]).toBe("end");
  expect(html.indexOf("Against the baseline")).toBeLessThan(html.indexOf("Confusion matrix"));
  expect(html).toContain("Nothing can be said of it: that takes attacks and ordinary transactions, and both judged.");
  const both = [...cases, one("b", { truth: "benign", tx: `0x${"c".repeat(64)}`, findings: [] })];
  expect(renderHtml(report(both))).not.toContain("Nothing can be said of it");
});
