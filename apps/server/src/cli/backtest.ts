import type { Command } from "commander";
import type { BacktestFlags } from "./stand/standBacktest.ts";

export function registerBacktest(program: Command): void {
  program
    .command("backtest")
    .description("judge recorded blocks, call trees, capsules or a range of a node with the production detectors")
    .option("--blocks <paths...>", "files of testudo-block/1, or folders of them; executed on their own pre-state")
    .option("--traces <paths...>", "call trees of callTracer, one a file; with --labels, or index.tsv beside them")
    .option("--capsules <paths...>", "files of testudo-capsule/1, or folders; attacked as the examples know how")
    .option(
      "--scenario <names...>",
      "scenarios of the drill without defence, judged without configuration, or rows of the incident corpus, each by its own detectors; corpus, drill or all of them",
    )
    .option("--seed <n>", "what the random parts of a scenario start from", "1")
    .option("--from <block>", "first block of a range of the node")
    .option("--to <block>", "last block of the range")
    .option("--rpc <url...>", "nodes of the range; default: those of --config")
    .option("--config <file>", "testudo.config.ts: nodes, protected contracts and detectors of the range")
    .option(
      "--protect <addresses...>",
      "judge these as protected; without it every address outside the actor's cluster, or those of --config",
    )
    .option(
      "--reexecute",
      "execute blocks of the range again here where no node traces calls; needs their state at a node",
    )
    .option("--hardfork <name>", 'rules of the chain, such as "prague"; default: what the node tells, or mainnet\'s')
    .option("--labels <file>", "table with tabs: tx, and label, name, mechanism, chain, date")
    .option("--bare", "take logs and state away first: judge by the call tree alone")
    .option("--json", "print one JSON object and nothing else on standard output")
    .option("--html <file>", "write the report as a page that stands by itself")
    .option("--out <dir>", "write report.json (with every case), report.md and report.html here")
    .option("--baseline <file>", "compare with an earlier report.json; exit 1 when recall fell or a false alarm came")
    .action(async (_, command: Command) => {
      // Loaded when it is run: every other command would pay for it.
      const { standBacktest } = await import("./stand/standBacktest.ts");
      await standBacktest(command.optsWithGlobals<BacktestFlags>());
    });
}
