import { setImmediate as turn } from "node:timers/promises";
import type { EvaluationCase } from "./Case.ts";
import type { CaseSource, Progress, SourceFault } from "./CaseSource.ts";
import { type Report, reportOf } from "./Report.ts";

/** A report with the cases behind it. */
export interface Backtest {
  readonly report: Report;
  readonly cases: readonly EvaluationCase[];
}

export interface BacktestHooks {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly onFault: (fault: SourceFault) => void;
}

/** Judges everything that `sources` give, one after the other, until the end or the signal. */
export async function runBacktest(sources: readonly CaseSource[], hooks: BacktestHooks): Promise<Backtest> {
  const cases: EvaluationCase[] = [];
  const faults: SourceFault[] = [];
  const start = performance.now();
  let timed: EvaluationCase[] = [];
  for (const source of sources) {
    const before = cases.length;
    for await (const found of source.cases(hooks.signal, hooks.onProgress)) {
      if (found.kind === "fault") {
        faults.push(found);
        hooks.onFault(found);
      } else cases.push(found);
      // Executing and judging never wait for anything: without a turn no Ctrl-C would be heard before the end.
      await turn();
    }
    if (source.coveredSeconds() > 0) timed = [...timed, ...cases.slice(before)];
  }
  const report = reportOf({
    cases,
    faults,
    hashes: new Map(sources.flatMap((source) => [...source.hashes])),
    timed,
    coveredSeconds: sources.reduce((sum, source) => sum + source.coveredSeconds(), 0),
    emptyBlocks: sources.flatMap((source) => source.emptyBlocks ?? []),
    incidents: sources.flatMap((source) => source.incidents ?? []),
    isComplete: !hooks.signal.aborted,
    seconds: (performance.now() - start) / 1_000,
  });
  return { report, cases };
}
