import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type EvaluationCase, toRecord } from "../../backtest/Case.ts";
import type { Comparison } from "../../backtest/compareReports.ts";
import type { Report } from "../../backtest/Report.ts";
import { renderHtml } from "../../backtest/renderHtml.ts";
import { renderMarkdown } from "../../backtest/renderMarkdown.ts";
import { UsageError } from "../../config/UsageError.ts";
import { writeReportOut } from "../../operator/writeOut.ts";
import { makeOutFolder } from "./outFolder.ts";

interface ReportFlags {
  readonly html?: string;
  readonly out?: string;
}

/** Writes `report` where the flags say: JSON with every case, Markdown and a page. Throws UsageError. */
export function writeReport(
  flags: ReportFlags,
  report: Report,
  cases: readonly EvaluationCase[],
  comparison?: Comparison,
): void {
  const html = () => renderHtml(report, comparison);
  if (flags.out !== undefined) {
    const folder = flags.out;
    makeOutFolder(`--out "${folder}"`, folder);
    put(join(folder, "report.json"), JSON.stringify({ ...report, cases: cases.map(toRecord) }));
    put(join(folder, "report.md"), renderMarkdown(report, comparison));
    put(join(folder, "report.html"), html());
  }
  if (flags.html !== undefined) put(flags.html, html());
}

function put(file: string, text: string): void {
  try {
    // Replacing a file makes its folders, and a misspelt one is to be told.
    statSync(dirname(file));
    writeReportOut(file, text);
  } catch (cause) {
    throw new UsageError(
      `"${file}" cannot be written: ${cause instanceof Error ? cause.message : cause}`,
      "Allowed: a path that you may write to.",
      "Correct --html or --out.",
      { cause },
    );
  }
}
