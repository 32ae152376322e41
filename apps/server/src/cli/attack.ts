import { availableParallelism } from "node:os";
import { countOf } from "@testudo/core/model/countOf";
import type { Command } from "commander";
import type { HuntReport } from "../attack/HuntReport.ts";
import { tellLost } from "../attack/tellLost.ts";
import { UsageError } from "../config/UsageError.ts";
import { printable } from "../deliver/printable.ts";
import type { AttackBounds, AttackFlags } from "./flags/AttackFlags.ts";
import { wholeNumber } from "./flags/wholeNumber.ts";
import { printLine, printNote } from "./terminal/printLine.ts";
import { progressLine } from "./terminal/progressLine.ts";
import { stopSignal } from "./terminal/stopSignal.ts";

const defaultMinutes = 1;
const mostMinutes = 60 * 24 * 31;
const mostWorkers = 256;
const mostNames = 12;

export function registerAttack(program: Command): void {
  program
    .command("attack")
    .description(
      "search for attacks: broken assertions and properties of a Solidity file, or calls that take value out of a recorded state",
    )
    .option("--sol <file>", "Solidity file to compile, with what it imports")
    .option("--contract <name>", "contract in it to deploy, and to set up by its setUp()")
    .option("--config <file>", "scenario: a state, what stands in it, and what an attacker has and may do")
    .option("--capsule <file>", "state alone, without a scenario")
    .option("--victim <address>", "contract of the capsule that would lose")
    .option("--out <folder>", "of a state: write findings there, not encrypted, and tell no watch")
    .option("--minutes <n>", `how long; default: ${defaultMinutes}`)
    .option("--calls <n>", "end after so many calls instead: the same seed and workers then find the same")
    .option("--seed <n>", "what all random choices start from", "1")
    .option("--workers <n>", "cores to use; default: all")
    .option("--state <folder>", "keep progress there, and go on from what the same search left there")
    .option(
      "--json",
      "print one JSON object: {calls, callsPerSecond, coverage, violations}; of a state {calls, callsPerSecond, findings, lost, unkept, threats, difference}",
    )
    .action(async (flags: AttackFlags, command: Command) => {
      if (flags.config !== undefined || flags.capsule !== undefined) {
        const { runRaid } = await import("./stand/attackState.ts");
        await runRaid(flags, boundsOf(flags), command);
        return;
      }
      if (flags.sol !== undefined && flags.contract === undefined) throw await contractMissing(flags.sol);
      if (flags.sol === undefined || flags.contract === undefined)
        throw new UsageError(
          "There is nothing to attack.",
          "Allowed: --sol FILE with --contract NAME, --config FILE, or --capsule FILE with --victim ADDRESS.",
          "Give one of them.",
        );
      assertOfSol(flags);
      const order = { contract: flags.contract, ...boundsOf(flags) };
      const signal = stopSignal();
      const { compileSol } = await import("../attack/compileSol.ts");
      const { openSearchFolder } = await import("../attack/openSearchFolder.ts");
      const { tellUnbreakable } = await import("../attack/tellUnbreakable.ts");
      const file = compileSol(flags.sol);
      const what = { file, contract: flags.contract };
      const { unaskedIn } = await import("@testudo/lab/adversary/Property");
      for (const text of unaskedIn(file.contracts.find(({ name }) => name === flags.contract)?.abi ?? []))
        printNote(text);
      const unbreakable = tellUnbreakable(file, flags.contract);
      if (unbreakable !== undefined) printNote(unbreakable);
      const folder = flags.state === undefined ? undefined : openSearchFolder(flags.state, { what, ...order });
      const lost = folder && tellLost(folder);
      if (lost !== undefined) printNote(lost);
      const { huntAll } = await import("../jobs/search/huntAll.ts");
      const line = progressLine();
      const report = await huntAll(
        { file, ...order, ...(folder === undefined ? {} : { memories: folder }) },
        signal,
        ({ seconds, calls, coverage, violations }) => {
          const what = `${Math.round(seconds)} s  ${calls} calls (${Math.round(calls / seconds)}/s)  ${coverage} blocks  ${violations} found`;
          line.show(
            order.calls === undefined
              ? { done: seconds, total: order.seconds, what }
              : { done: Math.min(calls, order.calls), total: order.calls, what },
          );
        },
      ).finally(() => folder?.close());
      line.end();
      if (flags.json) printLine(JSON.stringify(report));
      else for (const text of linesOf(report)) printLine(text);
    });
}

async function contractMissing(sol: string): Promise<UsageError> {
  const { compileSol } = await import("../attack/compileSol.ts");
  // Those of the file itself come before those that it imports.
  const names = compileSol(sol).contracts.flatMap(({ name, creation }) => (creation === "0x" ? [] : [name]));
  return new UsageError(
    `--sol "${sol}" is given without --contract.`,
    names.length === 0
      ? "Nothing in it can be deployed."
      : `It has: ${names.slice(0, mostNames).join(", ")}${names.length > mostNames ? ", …" : ""}.`,
    "Name the contract to deploy with --contract NAME.",
  );
}

/** What belongs to a state is refused rather than passed over. */
function assertOfSol({ out, victim }: AttackFlags): void {
  const wrong = out !== undefined ? "--out" : victim !== undefined ? "--victim" : undefined;
  if (wrong === undefined) return;
  throw new UsageError(
    `${wrong} is not for --sol.`,
    "Allowed beside --sol: --contract, --minutes, --calls, --seed, --workers, --state and --json.",
    "What a hunt finds is printed, with --json as data.",
  );
}

function boundsOf(flags: AttackFlags): AttackBounds {
  return {
    seed: wholeNumber("--seed", flags.seed, 0, 2 ** 31),
    workers:
      flags.workers === undefined ? availableParallelism() : wholeNumber("--workers", flags.workers, 1, mostWorkers),
    ...limitOf(flags),
  };
}

function limitOf({ minutes, calls }: AttackFlags): { calls?: number; seconds?: number } {
  if (calls === undefined) return { seconds: 60 * minutesOf(minutes ?? String(defaultMinutes)) };
  const bound = { calls: wholeNumber("--calls", calls, 1, 1e12) };
  return minutes === undefined ? bound : { ...bound, seconds: 60 * minutesOf(minutes) };
}

/** Parts of a minute are allowed. */
function minutesOf(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= mostMinutes) return value;
  throw new UsageError(
    `--minutes "${text}" is not possible.`,
    `Allowed: more than 0, up to ${mostMinutes}.`,
    "Correct it.",
  );
}

function* linesOf({ calls, callsPerSecond, coverage, violations }: HuntReport): Generator<string> {
  yield `${calls} calls, ${callsPerSecond} a second; ${coverage} basic blocks ran; ${countOf(violations.length, "violation")}.`;
  // Said where it could be taken for proof: nobody among them can call back.
  if (violations.length === 0)
    yield "Its callers were plain accounts: what takes a contract of the attacker's (re-entrancy, a callback) is found only where setUp() makes one.";
  for (const { name, calls: steps, atCall, seconds } of violations) {
    yield "";
    yield `${printable(name)}  (after ${atCall} calls, ${seconds.toFixed(1)} s)`;
    for (const step of steps) {
      const extras = [
        step.value === "0" ? "" : `value ${step.value}`,
        step.seconds === 0 ? "" : `${step.seconds} s later`,
      ];
      const call = `${step.contract}.${step.function.split("(")[0]}(${step.args.map((arg) => JSON.stringify(arg)).join(", ")})`;
      yield printable(`  ${[call, `from ${step.from}`, ...extras].filter(Boolean).join("  ")}`);
    }
  }
}
