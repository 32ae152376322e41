import { readFileSync } from "node:fs";
import type { EvaluationCase } from "../backtest/Case.ts";
import { type Comparison, compareReports, worseThan } from "../backtest/compareReports.ts";
import { openSources, type SourceFlags } from "../backtest/openSources.ts";
import { renderMarkdown } from "../backtest/renderMarkdown.ts";
import { runBacktest } from "../backtest/runBacktest.ts";
import { UsageError } from "../config/UsageError.ts";
import { AnsweredNo } from "./AnsweredNo.ts";
import { printLine, printNote } from "./printLine.ts";
import { progressLine } from "./progressLine.ts";
import { interruptedCode, stopSignal } from "./stopSignal.ts";
import { writeReport } from "./writeReport.ts";

/** The options of `testudo backtest`, as given. */
export interface BacktestFlags extends SourceFlags {
  readonly json?: boolean;
  readonly html?: string;
  readonly out?: string;
  readonly baseline?: string;
}

/**
 * Judges what the flags name and tells the result. Stopped by Ctrl-C it tells what it has, marked as incomplete, and ends with 130.
 * Exit 2 where a file was bad or nothing can be compared, 1 where the baseline says that it got worse.
 */
export async function standBacktest(flags: BacktestFlags): Promise<void> {
  const before = flags.baseline === undefined ? undefined : readBaseline(flags.baseline);
  const signal = stopSignal();
  const { sources, close } = await openSources({ ...flags, onDegraded: printNote });
  const progress = progressLine();
  const { report, cases } = await runBacktest(sources, {
    signal,
    onProgress: progress.show,
    onFault: ({ source, message }) => progress.note(`error: ${source}: ${message}`),
  }).finally(close);
  progress.end();
  const comparison = before && compareReports(cases, before);
  writeReport(flags, report, cases, comparison);
  if (flags.json) printLine(JSON.stringify(report));
  else printLine(renderMarkdown(report, comparison));
  if (signal.aborted) {
    printNote("Stopped before the end: the result is of a part, and says so.");
    for (const rest of sources.flatMap((source) => source.goOn?.() ?? []))
      printNote(`The rest: ${rest}. What detectors remember of earlier blocks begins anew there.`);
    process.exitCode = interruptedCode;
  } else if (report.faults.length > 0) process.exitCode = 2;
  else if (comparison !== undefined) tellWorse(comparison, flags.baseline!);
}

/** Throws AnsweredNo where something got worse, and UsageError where nothing can be compared. */
function tellWorse(comparison: Comparison, baseline: string): void {
  if (comparison.cases === 0)
    throw new UsageError(
      `--baseline "${baseline}" has no case in common with what was judged: there is nothing to compare.`,
      "Needed: a transaction that both judged.",
      "Compare with an earlier result over the same files, scenarios or blocks.",
    );
  const worse = worseThan(comparison);
  if (worse === undefined) return;
  printNote(worse);
  throw new AnsweredNo();
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
