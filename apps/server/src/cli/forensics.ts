import type { Command } from "commander";
import { UsageError } from "../config/UsageError.ts";
import { printable } from "../deliver/printable.ts";
import { AnsweredNo } from "./AnsweredNo.ts";
import { printLine } from "./printLine.ts";

/** The options of `testudo forensics`, as given. */
export interface ForensicsFlags {
  readonly fixture?: string[];
  readonly json?: true;
}

export function registerForensics(program: Command): void {
  program
    .command("forensics [subject]")
    .description("explain a transaction: who moved what, how, and by which weakness")
    .option("--fixture <files...>", "compare our tracers with tracer fixtures of geth instead")
    .option("--json", "print one JSON object, with --fixture one a line: {file, kind, agrees, difference}")
    .action(async (subject: string | undefined, flags: ForensicsFlags) => {
      if (flags.fixture !== undefined) return compareFixtures(subject, flags);
      throw new UsageError("Nothing to look into.", "Allowed: --fixture FILE…", "Name files.");
    });
}

async function compareFixtures(subject: string | undefined, { fixture = [], json }: ForensicsFlags): Promise<void> {
  if (subject !== undefined)
    throw new UsageError(
      `"${subject}" and --fixture are two questions.`,
      "Allowed: a transaction or a capsule, or fixtures.",
      "Ask one after the other.",
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
