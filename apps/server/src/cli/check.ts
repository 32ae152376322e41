import type { Command } from "commander";
import pc from "picocolors";
import { mistakeText } from "../config/ConfigError.ts";
import { printable } from "../deliver/printable.ts";
import type { CheckedPart } from "./check/CheckedPart.ts";
import { countOf } from "./countOf.ts";
import { configName } from "./dataFolder.ts";
import { printLine, printNote } from "./printLine.ts";

const limitMs = 30_000;
// Set in the process that loads the file.
const insideVariable = "TESTUDO_CHECK_INSIDE";

interface CheckOptions {
  readonly config: string;
  readonly json?: boolean;
}

/** `testudo check`: whether a configuration and all that it names can be used. Ends with 1 where anything is wrong. */
export function registerCheck(program: Command): void {
  program
    .command("check")
    .description("check a configuration and everything that it names, without a node; exit 1 when something is wrong")
    .option("--config <file>", "configuration", configName)
    .option("--json", "print one JSON list")
    .action(async (options: CheckOptions) => {
      if (process.env[insideVariable] !== undefined) return checkHere(options);
      // A file may loop, or wait for what never comes: the clock has to stand outside of what loads it.
      const { runApart } = await import("./check/runApart.ts");
      const args = [...process.execArgv, ...process.argv.slice(1)];
      const ending = await runApart(args, { ...process.env, [insideVariable]: "1" }, limitMs);
      if (ending === "late") {
        const shown = printable(options.config);
        const told = `"${shown}" did not come to its end within ${limitMs / 1_000} s: it waits for something, or loops.`;
        (options.json ? printNote : printLine)(told);
      }
      process.exitCode = ending === "late" ? 1 : ending;
    });
}

async function checkHere({ config, json }: CheckOptions): Promise<void> {
  const { checkConfig } = await import("./check/checkConfig.ts");
  // The file's own code is not to see how it is run.
  delete process.env[insideVariable];
  const now = BigInt(Math.floor(Date.now() / 1_000));
  const parts = await checkConfig(config, now);
  if (json) printLine(JSON.stringify(parts.map(toJson), null, 2));
  else for (const line of parts.flatMap(linesOf)) printLine(line);
  const faults = parts.flatMap((part) => part.faults);
  if (!json) printLine(faults.length === 0 ? "Nothing is wrong." : `${countOf(faults.length, "fault")}.`);
  if (faults.length > 0) process.exitCode = 1;
  // A file may leave something running.
  process.stdout.write("", () => process.exit());
}

function linesOf({ part, text, faults }: CheckedPart): readonly string[] {
  const mark = faults.length === 0 ? pc.green("ok  ") : pc.red("fail");
  const head = text === "" ? part : `${part}: ${text}`;
  // A name in a file may not steer the terminal.
  const told = faults.flatMap((fault) => mistakeText(fault).split("\n"));
  return [`${mark} ${printable(head)}`, ...told.map((line) => `     ${printable(line)}`)];
}

function toJson({ part, text, faults }: CheckedPart) {
  return { part, text, faults: faults.map(({ place, ...said }) => ({ ...place, ...said })) };
}
