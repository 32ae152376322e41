import type { Command } from "commander";
import { configName } from "./flags/dataFolder.ts";
import type { CalibrateFlags } from "./stand/standCalibration.ts";

export function registerCalibrate(program: Command): void {
  program
    .command("calibrate")
    .description("measure on history how often each detector fires, and write what it may cost to a file")
    .option(
      "--config <file>",
      `the configuration whose detectors and contracts are measured; default: ${configName} here`,
    )
    .option("--rpc <url...>", "nodes to ask, instead of --config")
    .option("--protect <addresses...>", "contracts, with --rpc")
    .option("--from <block>", "first block; default: the first that the data folder's watch judged")
    .option("--to <block>", "last block; default: the last that it judged")
    .option("--cut <range...>", 'a known incident to leave out, as "FROM..TO=REASON", times as 2026-05-01T10:00Z')
    .option("--out <file>", "where to write the calibration", "calibration.json")
    .option("--json", "print one JSON object and nothing else on standard output")
    .action(async (_, command: Command) => {
      // Loaded when it is run: every other command would pay for it.
      const { standCalibration } = await import("./stand/standCalibration.ts");
      await standCalibration(command.optsWithGlobals<CalibrateFlags>());
    });
}
