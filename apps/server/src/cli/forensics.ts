import { type Command, Option } from "commander";
import { UsageError } from "../config/UsageError.ts";
import { printable } from "../deliver/printable.ts";
import type { SubjectFlags } from "../forensics/standForensics.ts";
import { tlpLevels } from "../interop/stix/tlp.ts";
import { AnsweredNo } from "./terminal/AnsweredNo.ts";
import { printLine } from "./terminal/printLine.ts";

/** The options of `testudo forensics`, as given. */
interface ForensicsFlags extends SubjectFlags {
  readonly fixture?: string[];
}

export function registerForensics(program: Command): void {
  program
    .command("forensics [subject]")
    .description("explain a transaction: who moved what, how, and by which weakness")
    .usage("<transaction> --rpc URL | <capsule> [--tx FILE] | --fixture FILE...")
    .option("--rpc <url>", "node that has the transaction; best one with debug_traceTransaction")
    .option("--tx <file>", "what to run on the capsule: a transaction, a list, or {hardfork, transactions}")
    .option("--abi <files...>", "ABIs that calls, events and errors are read by first")
    .option("--protect <addresses...>", "whose side is taken: judged as protected, and never counted as actors")
    .option("--prices <file>", "prices of whole tokens: {currency, prices: {native or token: number}}")
    .option("--layout <files...>", "storage layouts: {address, storage: [{label, slot, type}]}")
    .option("--html <file>", "write the report as a page that stands by itself")
    .option("--stix <file>", "write it as a STIX 2.1 bundle")
    .addOption(new Option("--tlp <level>", "how far the bundle may go").choices(tlpLevels).default("amber"))
    .option("--fixture <files...>", "compare our tracers with tracer fixtures of geth, up to the first that differs")
    .option("--json", "print one JSON object; with --fixture one a line: {file, kind, agrees, difference}")
    .action(async (subject: string | undefined, flags: ForensicsFlags) => {
      if (flags.fixture !== undefined) return compareFixtures(subject, flags);
      if (subject === undefined)
        throw new UsageError(
          "Nothing to look into.",
          "Allowed: a transaction with --rpc URL, a capsule, or --fixture FILE…",
          "Name one.",
        );
      // Loaded when it is run: every other command would pay for it.
      const { standForensics } = await import("../forensics/standForensics.ts");
      await standForensics(subject, flags);
    });
}

async function compareFixtures(subject: string | undefined, flags: ForensicsFlags): Promise<void> {
  const { fixture = [], json } = flags;
  if (subject !== undefined)
    throw new UsageError(
      `"${subject}" and --fixture are two questions.`,
      "Allowed: a transaction or a capsule, or fixtures.",
      "Ask one after the other.",
    );
  const other = (["rpc", "tx", "abi", "protect", "prices", "layout", "html", "stix"] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (other !== undefined)
    throw new UsageError(
      `--${other} is not for --fixture.`,
      "Allowed beside --fixture: --json.",
      "Leave it out, or name a transaction or a capsule.",
    );
  const { checkFixtures, describeVerdict } = await import("../forensics/checkFixtures.ts");
  const { NotAFixture } = await import("@testudo/lab/fixture/TracerFixture");
  try {
    for await (const verdict of checkFixtures(fixture)) {
      printLine(json ? JSON.stringify(verdict) : printable(describeVerdict(verdict)));
      if (!verdict.agrees) throw new AnsweredNo();
    }
  } catch (error) {
    if (!(error instanceof NotAFixture)) throw error;
    const [what = "", allowed = "", wayOut = ""] = error.message.split("\n- ");
    throw new UsageError(what, allowed, wayOut, { cause: error });
  }
}
