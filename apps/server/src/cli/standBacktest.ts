import { writeFileSync } from "node:fs";
import { type Address, toLower } from "@testudo/core/model/Hex";
import { openEthereumjs } from "@testudo/lab/openEthereumjs";
import { blockSource } from "../backtest/blockSource.ts";
import type { CaseSource, Progress } from "../backtest/CaseSource.ts";
import { listFiles } from "../backtest/listFiles.ts";
import { runBacktest } from "../backtest/runBacktest.ts";
import { UsageError } from "../config/UsageError.ts";
import { addressesIn } from "./addressesIn.ts";
import { printLine, printNote } from "./printLine.ts";
import { stopSignal } from "./stopSignal.ts";

/** The options of `testudo backtest`, as given. */
export interface BacktestFlags {
  readonly blocks?: readonly string[];
  readonly protect?: readonly string[];
  readonly bare?: boolean;
  readonly json?: boolean;
}

export async function standBacktest(flags: BacktestFlags): Promise<void> {
  const signal = stopSignal();
  const sources = sourcesOf(flags);
  const { report } = await runBacktest(sources, {
    signal,
    onProgress: progressLine(),
    onFault: ({ source, message }) => printNote(`\n${source}: ${message}`),
  });
  printLine(JSON.stringify(report));
  if (report.faults.length > 0) process.exitCode = 2;
}

function sourcesOf({ blocks, protect, bare }: BacktestFlags): CaseSource[] {
  const watched = protect && addressesIn("--protect", protect).map(toLower);
  if (blocks === undefined) throw new UsageError("nothing", "a", "b");
  return [
    blockSource(listFiles("--blocks", blocks), {
      openEvm: openEthereumjs,
      ...(watched ? { protect: watched as Address[] } : {}),
      ...(bare ? { isBare: true } : {}),
    }),
  ];
}

function progressLine(): (progress: Progress) => void {
  let last = 0;
  return ({ done, total, what }) => {
    const now = Date.now();
    if (now - last < 500) return;
    last = now;
    process.stderr.write(`${what}${total === undefined ? "" : ` (${((done / total) * 100).toFixed(0)} %)`}\n`);
  };
}
void writeFileSync;
