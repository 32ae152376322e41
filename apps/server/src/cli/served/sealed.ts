import type { Finding } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Command } from "commander";
import { UsageError } from "../../config/UsageError.ts";
import { writeOut } from "../files/writeOut.ts";
import { optionsOf } from "../flags/dataFolder.ts";
import { printLine } from "../terminal/printLine.ts";
import { fetchPage } from "./fetchAll.ts";
import { lookBack, pageSize } from "./lookBack.ts";
import { isEnough, meansId } from "./meansId.ts";
import { withStore } from "./openExisting.ts";
import { findServer, type ServerClient } from "./serverClient.ts";

/** `testudo evidence sealed`: what a probe or the adversary found, as it is kept: encrypted for the guardians. */
export function registerSealed(evidence: Command): void {
  evidence
    .command("sealed")
    .description(
      "print the attack that a probe or the adversary found, encrypted for the guardians: open it with `age -d -i KEY`",
    )
    .argument("<finding>", "a finding of the probe or the adversary, or the first 8 or more digits of its id")
    .option("--out <file>", "write it there instead of to the screen")
    .action(async (id: string, _, command: Command) => {
      const { data, out } = await optionsOf<{ out?: string }>(command);
      const text = await readSealed(data, id);
      if (out === undefined) printLine(text.trimEnd());
      else writeOut(out, text);
    });
}

/** Where findings stand: newest first, at most `pageSize` of them. */
type Shelf = (beforeSeq: number | undefined) => Promise<readonly { readonly seq: number; readonly finding: Finding }[]>;

async function readSealed(data: string, given: string): Promise<string> {
  const server = findServer(data);
  if (server !== undefined) return sealedAt(server, given);
  return withStore(data, async (store) => {
    const { listFindings } = await import("../../store/listViews.ts");
    const { getReport } = await import("../../store/listReports.ts");
    const finding = await find(given, (beforeSeq) =>
      listFindings(store, { limit: pageSize, ...(beforeSeq === undefined ? {} : { beforeSeq }) }),
    );
    return sealedIn(finding, async (report) => (await getReport(store, report))?.sealed);
  });
}

async function sealedAt(server: ServerClient, given: string): Promise<string> {
  const finding = await find(given, (beforeSeq) => fetchPage(server, "findings", beforeSeq));
  return sealedIn(finding, async (report) => ((await server.get(`/reports/${report}`)) as { sealed?: string }).sealed);
}

async function find(given: string, shelf: Shelf): Promise<Finding> {
  const isMeant = ({ finding }: { readonly finding: Finding }) => meansId(given, finding.id);
  const isDone = (all: readonly { readonly finding: Finding }[]) => !isEnough(given) || all.some(isMeant);
  const meant = (await lookBack(shelf, isDone)).filter(isMeant);
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only.finding;
  throw new UsageError(
    only === undefined ? `There is no finding "${given}".` : `"${given}" fits ${meant.length} findings.`,
    "Allowed: a finding's id, or at least its first 8 digits.",
    only === undefined ? "`testudo status` lists what is open; check the data folder, too." : "Give more digits.",
  );
}

async function sealedIn(
  { id, detector, class: kind, evidence }: Finding,
  sealedOf: (report: Hex) => Promise<string | undefined>,
): Promise<string> {
  const { sealed, report } = evidence as { readonly sealed?: unknown; readonly report?: unknown };
  const isReport = kind === "vulnerability" && typeof report === "string";
  const text = isReport ? await sealedOf(report as Hex) : sealed;
  if (typeof text === "string") return text;
  throw notSealed(id, detector, isReport);
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
