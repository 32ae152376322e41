import { writeFileSync } from "node:fs";
import type { Finding } from "@testudo/core/model/Finding";
import type { Command } from "commander";
import { UsageError } from "../config/UsageError.ts";
import { optionsOf } from "./dataFolder.ts";
import { fetchAll } from "./fetchAll.ts";
import { withStore } from "./openExisting.ts";
import { printLine } from "./printLine.ts";
import { findServer } from "./serverClient.ts";

/** `testudo evidence sealed`: the call that a probe found, as it is kept: encrypted for the guardians. */
export function registerSealed(evidence: Command): void {
  evidence
    .command("sealed")
    .description(
      "print the call that a probe found to do harm, encrypted for the guardians: open it with `age -d -i KEY`",
    )
    .argument("<finding>", "id of a finding of the probe")
    .option("--out <file>", "write it there instead of to the screen")
    .action(async (id: string, _, command: Command) => {
      const { data, out } = await optionsOf<{ out?: string }>(command);
      const text = sealedIn(id, await readFinding(data, idIn(id)));
      if (out === undefined) printLine(text.trimEnd());
      else writeFileSync(out, text, { mode: 0o600 });
    });
}

function idIn(text: string): string {
  if (/^0x[0-9a-f]{64}$/.test(text)) return text;
  throw new UsageError(
    `"${text}" is no id.`,
    "Allowed: 0x and 64 hexadecimal digits.",
    "Take it whole from GET /findings or from the alert.",
  );
}

async function readFinding(data: string, id: string): Promise<Finding | undefined> {
  const server = findServer(data);
  if (server !== undefined)
    return (await fetchAll<{ finding: Finding }>(server, "findings")).find(({ finding }) => finding.id === id)?.finding;
  return withStore(data, async (store) => {
    const { listFindings } = await import("../store/listViews.ts");
    return (await listFindings(store, { ids: [id] }))[0]?.finding;
  });
}

function sealedIn(id: string, finding: Finding | undefined): string {
  if (finding === undefined)
    throw new UsageError(
      `There is no finding "${id}".`,
      "Findings are in GET /findings.",
      "Check the data folder, too.",
    );
  const { sealed } = finding.evidence as { readonly sealed?: unknown };
  if (typeof sealed === "string") return sealed;
  const isProbe = finding.detector === "probe";
  throw new UsageError(
    `Finding "${id}" of ${finding.detector} holds no encrypted call.`,
    isProbe
      ? "Nobody was named for whom it could have been encrypted: its hash alone was kept."
      : "Only a probe of a new contract keeps one.",
    isProbe ? "Name the guardians' keys in `preblock.recipients`." : "Give the id of a finding of the probe.",
  );
}
