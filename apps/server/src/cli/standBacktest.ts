import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { type EvaluationCase, toRecord } from "../backtest/Case.ts";
import { type Comparison, compareReports, worseThan } from "../backtest/compareReports.ts";
import { openSources, type SourceFlags } from "../backtest/openSources.ts";
import type { Report } from "../backtest/Report.ts";
import { renderHtml } from "../backtest/renderHtml.ts";
import { renderMarkdown } from "../backtest/renderMarkdown.ts";
import { runBacktest } from "../backtest/runBacktest.ts";
import { UsageError } from "../config/UsageError.ts";
import { AnsweredNo } from "./AnsweredNo.ts";
import { printLine, printNote } from "./printLine.ts";
import { progressLine } from "./progressLine.ts";
import { stopSignal } from "./stopSignal.ts";

/** The options of `testudo backtest`, as given. */
export interface BacktestFlags extends SourceFlags {
  readonly json?: boolean;
  readonly html?: string;
  readonly out?: string;
  readonly baseline?: string;
}

/**
 * Judges what the flags name and tells the result. Stopped by Ctrl-C it tells what it has, marked as incomplete, and ends with 130.
 * Exit 2 where a file was bad, 1 where the baseline says that it got worse.
 */
export async function standBacktest(flags: BacktestFlags): Promise<void> {
  const before = flags.baseline === undefined ? undefined : readBaseline(flags.baseline);
  const signal = stopSignal();
  const { sources, close } = await openSources(flags);
  const progress = progressLine();
  const { report, cases } = await runBacktest(sources, {
    signal,
    onProgress: progress.show,
    onFault: ({ source, message }) => progress.note(`error: ${source}: ${message}`),
  }).finally(close);
  progress.end();
  const comparison = before && compareReports(cases, before);
  write(flags, report, cases, comparison);
  if (flags.json) printLine(JSON.stringify(report));
  else printLine(renderMarkdown(report, comparison));
  if (signal.aborted) {
    printNote("Stopped before the end: the result is of a part, and says so.");
    for (const rest of sources.flatMap((source) => source.goOn?.() ?? []))
      printNote(`The rest: ${rest}. What detectors remember of earlier blocks begins anew there.`);
    process.exitCode = 128 + constants.signals.SIGINT;
  } else if (report.faults.length > 0) process.exitCode = 2;
  else tellWorse(before && worseThan(cases, before));
}

/** Throws AnsweredNo where there is something to tell. */
function tellWorse(worse: string | undefined): void {
  if (worse === undefined) return;
  printNote(worse);
  throw new AnsweredNo();
}

function write(flags: BacktestFlags, report: Report, cases: readonly EvaluationCase[], comparison?: Comparison): void {
  const html = () => renderHtml(report, comparison);
  if (flags.out !== undefined) {
    const folder = flags.out;
    put(join(folder, "report.json"), JSON.stringify({ ...report, cases: cases.map(toRecord) }));
    put(join(folder, "report.md"), renderMarkdown(report, comparison));
    put(join(folder, "report.html"), html());
  }
  if (flags.html !== undefined) put(flags.html, html());
}

function put(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (cause) {
    throw new UsageError(
      `"${file}" cannot be written: ${cause instanceof Error ? cause.message : cause}`,
      "Allowed: a path that you may write to.",
      "Correct --html or --out.",
      { cause },
    );
  }
}

function readBaseline(file: string): readonly EvaluationCase[] {
  try {
    const report = JSON.parse(readFileSync(file, "utf8")) as { format?: unknown; cases?: unknown };
    if (report.format === "testudo-backtest/1" && Array.isArray(report.cases)) return report.cases as EvaluationCase[];
  } catch (cause) {
    throw notABaseline(file, cause instanceof Error ? cause.message : String(cause));
  }
  throw notABaseline(file, "it holds no cases of a back-test");
}

function notABaseline(file: string, why: string): UsageError {
  return new UsageError(
    `--baseline "${file}" is no earlier result: ${why}.`,
    "Allowed: the report.json that --out wrote.",
    "Correct the path, or leave it out.",
  );
}
