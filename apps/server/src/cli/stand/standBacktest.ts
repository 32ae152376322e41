import { readFileSync } from "node:fs";
import { severities } from "@testudo/core/model/Finding";
import { z } from "zod";
import type { EvaluationCase } from "../../backtest/Case.ts";
import { type Comparison, compareReports, worseThan } from "../../backtest/compareReports.ts";
import { openSources, type SourceFlags } from "../../backtest/openSources.ts";
import { renderMarkdown } from "../../backtest/renderMarkdown.ts";
import { runBacktest } from "../../backtest/runBacktest.ts";
import { UsageError } from "../../config/UsageError.ts";
import { whyUnread } from "../../config/whyUnread.ts";
import { printableLines } from "../../deliver/printable.ts";
import { guardDeterminism } from "../../jobs/step/guardDeterminism.ts";
import { runningDetector } from "../../jobs/step/runningDetector.ts";
import { assertOutFile } from "../files/outFile.ts";
import { makeOutFolder } from "../files/outFolder.ts";
import { writeReport } from "../files/writeReport.ts";
import { AnsweredNo } from "../terminal/AnsweredNo.ts";
import { printLine, printNote } from "../terminal/printLine.ts";
import { progressLine } from "../terminal/progressLine.ts";
import { interruptedCode, stopSignal } from "../terminal/stopSignal.ts";

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
  // As in a watch's thread, and before detectors are loaded: what takes the time there finds nothing here either.
  guardDeterminism(globalThis, runningDetector);
  const before = flags.baseline === undefined ? undefined : readBaseline(flags.baseline);
  assertOutFile("--html", flags.html);
  if (flags.out !== undefined) makeOutFolder(`--out "${flags.out}"`, flags.out);
  const signal = stopSignal();
  const { sources, close } = await openSources({
    ...flags,
    onDegraded: (message) => printNote(printableLines(message)),
  });
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

// What is compared of a case; more may stand there.
const baselineSchema = z.looseObject({
  format: z.literal("testudo-backtest/1"),
  cases: z.array(
    z.intersection(
      z.looseObject({ tx: z.string(), truth: z.enum(["attack", "benign", "weak"]), source: z.string() }),
      z.union([
        z.looseObject({ kind: z.literal("skipped") }),
        z.looseObject({
          kind: z.literal("judged"),
          has: z.array(z.string()),
          findings: z.array(z.looseObject({ severity: z.enum(severities) })),
        }),
      ]),
    ),
  ),
});

function readBaseline(file: string): readonly EvaluationCase[] {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw notABaseline(file, whyUnread(cause));
  }
  const parsed = baselineSchema.safeParse(read);
  if (parsed.success) return parsed.data.cases as unknown as readonly EvaluationCase[];
  const place = parsed.error.issues[0]?.path.join(".") || "the file";
  throw notABaseline(file, `"${place}" is missing or of another kind`);
}

function notABaseline(file: string, why: string): UsageError {
  return new UsageError(
    `--baseline "${file}" is no earlier result: ${why}.`,
    "Allowed: the report.json that --out wrote.",
    "Correct the path, or leave it out.",
  );
}
