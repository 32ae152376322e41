import { countOf } from "@testudo/core/model/countOf";
import type { Command } from "commander";
import pc from "picocolors";
import { mistakeText } from "../config/ConfigError.ts";
import { loadLimitMs } from "../config/containCode.ts";
import { looksSecret, quoted } from "../config/looksSecret.ts";
import { UsageError } from "../config/UsageError.ts";
import { printable } from "../deliver/printable.ts";
import type { CheckedPart } from "./check/CheckedPart.ts";
import { configName } from "./flags/dataFolder.ts";
import { printLine } from "./terminal/printLine.ts";

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
    .action(async ({ config, json }: CheckOptions) => {
      const parts = await checkApart(config);
      if (json) printLine(JSON.stringify(parts.map(toJson), null, 2));
      else for (const line of parts.flatMap(linesOf)) printLine(line);
      const faults = parts.flatMap((part) => part.faults);
      if (!json) printLine(faults.length === 0 ? nothingWrong(parts) : `${countOf(faults.length, "fault")}.`);
      if (faults.length > 0) process.exitCode = 1;
    });
}

// A file may loop, wait for what never comes, or end the process: who tells of it has to stand outside of what loads it.
async function checkApart(config: string): Promise<readonly CheckedPart[]> {
  const { runApart, mistakeOfSilence } = await import("../config/runApart.ts");
  const script = new URL("./check/checkApart.js", import.meta.url);
  const apart = await runApart<readonly CheckedPart[]>(script, [config], loadLimitMs);
  if (apart.kind === "done") return apart.result;
  if (apart.kind !== "failed") {
    const file = looksSecret(config) ? quoted(config) : config;
    return [{ part: "configuration", text: "", faults: [mistakeOfSilence(file, apart)] }];
  }
  const [what = "", allowed, wayOut] = apart.message.split("\n- ");
  throw apart.name === "ConfigMissing" && allowed !== undefined && wayOut !== undefined
    ? new UsageError(what, allowed, wayOut)
    : new Error(apart.message);
}

function nothingWrong(parts: readonly CheckedPart[]): string {
  const notes = parts.flatMap((part) => part.notes ?? []).length;
  return notes === 0 ? "Nothing is wrong." : `A watch takes it; ${countOf(notes, "note")} to read.`;
}

function linesOf({ part, text, faults, notes = [] }: CheckedPart): readonly string[] {
  const ok = notes.length === 0 ? pc.green("ok  ") : pc.yellow("note");
  const mark = faults.length === 0 ? ok : pc.red("fail");
  const head = text === "" ? part : `${part}: ${text}`;
  // A name in a file may not steer the terminal.
  const told = [...faults.flatMap((fault) => mistakeText(fault).split("\n")), ...notes];
  return [`${mark} ${printable(head)}`, ...told.map((line) => `     ${printable(line)}`)];
}

function toJson({ part, text, faults, notes }: CheckedPart) {
  const told = faults.map(({ place, ...said }) => ({ ...place, ...said }));
  return { part, text, faults: told, ...(notes === undefined ? {} : { notes }) };
}
