import { writeFileSync } from "node:fs";
import type { Finding } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Command } from "commander";
import { UsageError } from "../config/UsageError.ts";
import { optionsOf } from "./dataFolder.ts";
import { fetchAll } from "./fetchAll.ts";
import { withStore } from "./openExisting.ts";
import { printLine } from "./printLine.ts";
import { findServer, type ServerClient } from "./serverClient.ts";

/** `testudo evidence sealed`: what a probe or the adversary found, as it is kept: encrypted for the guardians. */
export function registerSealed(evidence: Command): void {
  evidence
    .command("sealed")
    .description(
      "print the attack that a probe or the adversary found, encrypted for the guardians: open it with `age -d -i KEY`",
    )
    .argument("<finding>", "id of a finding of the probe or the adversary")
    .option("--out <file>", "write it there instead of to the screen")
    .action(async (id: string, _, command: Command) => {
      const { data, out } = await optionsOf<{ out?: string }>(command);
      const text = await readSealed(data, idIn(id));
      if (out === undefined) printLine(text.trimEnd());
      else writeFileSync(out, text, { mode: 0o600 });
    });
}

function idIn(text: string): Hex {
  if (/^0x[0-9a-f]{64}$/.test(text)) return text as Hex;
  throw new UsageError(
    `"${text}" is no id.`,
    "Allowed: 0x and 64 hexadecimal digits.",
    "Take it whole from GET /findings or from the alert.",
  );
}

async function readSealed(data: string, id: Hex): Promise<string> {
  const server = findServer(data);
  if (server !== undefined) return sealedAt(server, id);
  return withStore(data, async (store) => {
    const { listFindings } = await import("../store/listViews.ts");
    const { getReport } = await import("../store/listReports.ts");
    const finding = (await listFindings(store, { ids: [id] }))[0]?.finding;
    return sealedIn(id, finding, async (report) => (await getReport(store, report))?.sealed);
  });
}

async function sealedAt(server: ServerClient, id: Hex): Promise<string> {
  const found = (await fetchAll<{ finding: Finding }>(server, "findings")).find(({ finding }) => finding.id === id);
  return sealedIn(
    id,
    found?.finding,
    async (report) => ((await server.get(`/reports/${report}`)) as { sealed?: string }).sealed,
  );
}

async function sealedIn(
  id: string,
  finding: Finding | undefined,
  sealedOf: (report: Hex) => Promise<string | undefined>,
): Promise<string> {
  if (finding === undefined)
    throw new UsageError(
      `There is no finding "${id}".`,
      "Findings are in GET /findings.",
      "Check the data folder, too.",
    );
  const { sealed, report } = finding.evidence as { readonly sealed?: unknown; readonly report?: unknown };
  const isReport = finding.class === "vulnerability" && typeof report === "string";
  const text = isReport ? await sealedOf(report as Hex) : sealed;
  if (typeof text === "string") return text;
  throw notSealed(id, finding.detector, isReport);
}

function notSealed(id: string, detector: string, isReport: boolean): UsageError {
  const what = `Finding "${id}" of ${detector} holds nothing encrypted.`;
  if (!isReport && detector !== "probe")
    return new UsageError(
      what,
      "Only a probe of a new contract and the adversary keep something.",
      "Give the id of a finding of theirs.",
    );
  return new UsageError(
    what,
    isReport
      ? "Nobody was named for whom it could have been encrypted, or it was too large: its capsule's hash alone was kept."
      : "Nobody was named for whom it could have been encrypted: its hash alone was kept.",
    "Name the guardians' keys in `preblock.recipients`.",
  );
}
