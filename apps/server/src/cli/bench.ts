import type { Command } from "commander";
import type { ListBenchFlags } from "./stand/standListBench.ts";

/** `testudo bench defiattackbench`: a list of transactions that somebody keeps, judged from an archive node. */
export function registerBench(program: Command): void {
  program
    .command("bench")
    .description("measure on lists of transactions that you have")
    .command("defiattackbench")
    .description("fetch the transactions of a list from an archive node, judge each by itself, and tell the matrix")
    .requiredOption("--rpc <url>", "node with debug_traceTransaction and the state of those blocks")
    .requiredOption(
      "--list <file>",
      "CSV, TSV or one hash a line: hash, label (attack or 1, benign or 0), name; a header names columns tx, label, name",
    )
    .option("--out <dir>", "keep verdicts here and go on with them, and write report.json, report.md and report.html")
    .option("--against <file>", "what another system said, to compare with: hash, detected (1 or 0)")
    .option("--json", "print one JSON object and nothing else on standard output")
    .action(async (_, command: Command) => {
      // Loaded when it is run: every other command would pay for it.
      const { standListBench } = await import("./stand/standListBench.ts");
      await standListBench(command.optsWithGlobals<ListBenchFlags>());
    });
}
