import { join } from "node:path";
import { countOf } from "@testudo/core/model/countOf";
import { type Severity, severities } from "@testudo/core/model/Finding";
import { type Command, Option } from "commander";
import { printable } from "../deliver/printable.ts";
import type { Imported } from "../interop/ozMonitor/importOzMonitor.ts";
import { writeImported } from "./files/writeImported.ts";
import { AnsweredNo } from "./terminal/AnsweredNo.ts";
import { printLine } from "./terminal/printLine.ts";

interface ImportOptions {
  readonly out: string;
  readonly severity: Severity;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `testudo import oz-monitor DIR`: a configuration for each network, and a list of what has no counterpart. */
export function registerImport(program: Command): void {
  program
    .command("import")
    .description("take over the configuration of another monitor")
    .command("oz-monitor")
    .description("write a configuration and rules for each network of OpenZeppelin Monitor's files")
    .argument("<dir>", "the folder with networks, monitors and triggers of OpenZeppelin Monitor v1.x")
    .option("--out <dir>", "where the configurations go, one folder a network", "imported")
    .addOption(
      new Option("--severity <level>", "of all rules: OpenZeppelin Monitor knows none")
        .choices(severities)
        .default("medium"),
    )
    .option("--dry-run", "say what would be written, and write nothing")
    .option("--json", "as one JSON object")
    .action(async (dir: string, options: ImportOptions) => {
      const { importOzMonitor } = await import("../interop/ozMonitor/importOzMonitor.ts");
      const imported = importOzMonitor(dir, options.severity);
      if (!options.dryRun) writeImported(imported, options.out);
      if (options.json) printLine(JSON.stringify(imported, undefined, 2));
      else for (const line of linesOf(imported, options)) printLine(line);
      // A script that goes on to start a watch would start none.
      if (imported.networks.length === 0) throw new AnsweredNo();
    });
}

function linesOf({ networks, unmapped }: Imported, { out, dryRun }: ImportOptions): readonly string[] {
  const verb = dryRun ? "Would write" : "Wrote";
  return [
    ...networks.map(({ slug, rules }) => `${verb} ${join(out, slug)}: ${countOf(rules, "rule")}`),
    ...(networks.length === 0 ? ["Nothing to write: no monitor of an EVM network is left."] : []),
    ...(unmapped.length === 0
      ? ["Everything has a counterpart."]
      : [`${countOf(unmapped.length, "part has", "parts have")} no counterpart, or another one:`]),
    ...unmapped.map(({ file, part, what }) => printable(`  ${file} ${part}: ${what}`)),
    ...(networks.length === 0 || dryRun
      ? []
      : [`Next: testudo watch --config ${join(out, networks[0]!.slug, "testudo.config.ts")}`]),
  ];
}
