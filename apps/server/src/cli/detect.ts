import { once } from "node:events";
import type { Command } from "commander";
import { addressRule } from "../config/checksum.ts";
import { UsageError } from "../config/UsageError.ts";
import { printable } from "../deliver/printable.ts";
import type { FileVerdict } from "../detect/detectFiles.ts";
import { addressesIn } from "./flags/addressesIn.ts";
import { interruptedCode, stopSignal } from "./terminal/stopSignal.ts";

interface DetectOptions {
  readonly trace: string[];
  readonly protect?: string[];
  readonly json?: true;
}

export function registerDetect(program: Command): void {
  program
    .command("detect")
    .description("judge call trees of single transactions (geth's callTracer, plain or .gz), without a node")
    .requiredOption(
      "--trace <files...>",
      "files with one call tree each, bare or as the result of a JSON-RPC answer; - is standard input",
    )
    .option(
      "--protect <addresses...>",
      "judge for these contracts, separated by commas or spaces; default: for everybody but the actors",
    )
    .option("--json", "one line of JSON a file: {file, detected, severity, findings, ms} or {file, error}")
    .action(async ({ trace, protect = [], json }: DetectOptions) => {
      const addresses = addressesIn("--protect", protect) as `0x${string}`[];
      // An unset variable gives an empty list, and judging for everybody would hide that.
      if (protect.length > 0 && addresses.length === 0)
        throw new UsageError("--protect names nobody.", addressRule, "Name a contract, or leave the flag out.");
      const signal = stopSignal();
      const silent = new Set<string>();
      const { detectFiles } = await import("../detect/detectFiles.ts");
      let isWhole = true;
      for await (const verdict of detectFiles(trace, { protect: addresses }, signal, (id) => void silent.add(id))) {
        if ("error" in verdict) isWhole = false;
        if (!(await writeLine(json ? JSON.stringify(verdict) : lineOf(verdict)))) return;
      }
      if (silent.size > 0)
        process.stderr.write(`Not judged for want of logs, state or history: ${[...silent].join(", ")}.\n`);
      if (signal.aborted) process.exitCode = interruptedCode;
      else if (!isWhole) process.exitCode = 2;
    });
}

/** Waits for a reader that is slower than we are, so that lines do not gather in memory; false when there is none any more. */
async function writeLine(line: string): Promise<boolean> {
  const { stdout } = process;
  if (stdout.destroyed) return false;
  if (stdout.write(`${line}\n`)) return true;
  return once(stdout, "drain").then(
    () => true,
    () => false,
  );
}

function lineOf(verdict: FileVerdict): string {
  const file = printable(verdict.file);
  if ("error" in verdict) return `error     ${file}: ${printable(verdict.error.split("\n").join(" "))}`;
  const { severity, findings, ms } = verdict;
  const lines = findings.map((f) => `          ${f.severity} ${f.detector}: ${printable(f.reason)}`);
  return [`${(severity ?? "nothing").padEnd(9)} ${file} (${ms.toFixed(1)} ms)`, ...lines].join("\n");
}
