import { countOf } from "@testudo/core/model/countOf";
import type { Divergence } from "@testudo/lab/capsule/explainDivergence";
import type { Missing } from "@testudo/lab/capsule/watchedState";
import { type Command, Option } from "commander";
import { type Engine, engines, withEngine } from "../capsule/withEngine.ts";
import { printable } from "../deliver/printable.ts";
import { AnsweredNo } from "./terminal/AnsweredNo.ts";
import { printLine, printNote } from "./terminal/printLine.ts";

interface ReplayFlags {
  readonly tx?: string;
  readonly hardfork?: string;
  readonly engine: Engine;
  readonly json?: true;
}

const form = `
The file of --tx is a JSON array of transactions, or one object:
  [{"from": "0x…", "to": "0x…", "value": "0x0", "input": "0x…", "gas": "0x1c9c380"}]
"to" is null for a creation. "nonce", prices, "accessList", "blockNumber" and "expected" ({"status", "gasUsed", "logs"}) may
be left out; docs/capsule.md tells all. Nobody's signature is asked for.

Exit codes: 0 all came out as recorded, 1 one did not, 2 the input is wrong.`;

/** `testudo replay`: a capsule's transactions once more, compared with what came of them then. */
export function registerReplay(program: Command): void {
  program
    .command("replay <file>")
    .description("execute a capsule's transactions and compare status, gas and logs with the record")
    .option("--tx <file>", "execute these instead of the capsule's own")
    .option("--hardfork <name>", "rules, such as \"cancun\", instead of the capsule's or the chain's")
    .addOption(new Option("--engine <name>", "what executes them").choices(engines).default("ours"))
    .option("--json", "one JSON object: {ok, transactions, divergence: {tx, path, pc, opcode, expected, got} | null}")
    .addHelpText("after", form)
    .action(replay);
}

async function replay(file: string, { tx, hardfork, engine, json }: ReplayFlags): Promise<void> {
  const { replayCapsule } = await import("@testudo/lab/capsule/replayCapsule");
  const { readCapsuleFile, readTransactionsFile } = await import("../capsule/readCapsuleFile.ts");
  const { refusingInput } = await import("../capsule/refusedInput.ts");
  const read = await readCapsuleFile(file);
  const capsule = hardfork === undefined ? read : { ...read, hardfork };
  const options = tx === undefined ? {} : { transactions: await readTransactionsFile(tx) };
  const { report, missing } = await refusingInput(() =>
    withEngine(engine, (engineOptions) => replayCapsule(capsule, { ...options, ...engineOptions })),
  );
  for (const gap of capsule.gaps ?? []) printNote(`gap: ${printable(gap)}`);
  const lacking = missingText(missing);
  if (lacking !== undefined) printNote(lacking);
  printLine(json ? JSON.stringify(report) : textOf(report.transactions, report.divergence));
  if (!report.ok) throw new AnsweredNo();
}

function missingText({ accounts, slots, blockHashes }: Missing): string | undefined {
  if (accounts.length + slots.length + blockHashes.length === 0) return undefined;
  return `Asked for and not recorded, taken for nothing: ${accounts.length} accounts, ${slots.length} slots, ${blockHashes.length} block hashes.`;
}

function textOf(transactions: number, divergence: Divergence | null): string {
  if (divergence === null)
    return `ok: ${countOf(transactions, "transaction")} came out as recorded, as far as there is a record.`;
  const { tx, path, pc, opcode, expected, got } = divergence;
  const frame = path === null ? "unknown" : path.length === 0 ? "outermost call" : `call ${path.join("/")}`;
  const place = pc === null ? frame : `${frame}, pc ${pc} (${opcode})`;
  return [
    `diverged: transaction ${tx}, number ${transactions}`,
    `  place     ${place}`,
    `  expected  ${printable(expected)}`,
    `  got       ${printable(got)}`,
  ].join("\n");
}
