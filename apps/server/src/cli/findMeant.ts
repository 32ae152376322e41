// What somebody means by an id that he types: a finding, an alert, or an incident with all of its findings.
import type { Finding } from "@testudo/core/model/Finding";
import { UsageError } from "../config/UsageError.ts";
import type { Store } from "../store/Store.ts";
import { fetchPage } from "./fetchAll.ts";
import { lookBack, pageSize } from "./lookBack.ts";
import { isEnough, meansId } from "./meansId.ts";
import type { ServerClient } from "./serverClient.ts";

/** A finding as far as it matters here. */
export type Known = Pick<Finding, "id" | "dedupKey" | "detector" | "reason">;
interface KnownFinding {
  readonly seq: number;
  readonly finding: Known;
  readonly status?: { readonly work: string; readonly goesOnAs?: string } | null | undefined;
}
interface KnownIncident {
  readonly seq: number;
  readonly incident: { readonly incident: string; readonly findings: readonly string[] };
}

/** Where findings and incidents stand: newest first, at most `pageSize` of them. */
interface Shelf {
  findings(beforeSeq: number | undefined): Promise<readonly KnownFinding[]>;
  incidents(beforeSeq: number | undefined): Promise<readonly KnownIncident[]>;
}

/** The findings that `given` means at a server, of those for which `isLeft` says so of their work. Throws UsageError, NothingOpen. */
export function findAtServer(server: ServerClient, given: string, isLeft: IsLeft): Promise<readonly Known[]> {
  return find(given, isLeft, {
    findings: (before) => fetchPage<KnownFinding>(server, "findings", before),
    incidents: (before) => fetchPage<KnownIncident>(server, "incidents", before),
  });
}

/** The same in a store, with the chain that they are of. */
export async function findInStore(
  store: Store,
  given: string,
  isLeft: IsLeft,
): Promise<{ readonly findings: readonly Known[]; readonly chainId: number }> {
  const { listFindings, listIncidents } = await import("../store/listViews.ts");
  const filterOf = (beforeSeq: number | undefined) => ({
    limit: pageSize,
    ...(beforeSeq === undefined ? {} : { beforeSeq }),
  });
  const findings = await find(given, isLeft, {
    findings: (before) => listFindings(store, filterOf(before)),
    incidents: (before) => listIncidents(store, filterOf(before)),
  });
  const [view] = await listFindings(store, { ids: [findings[0]!.id] });
  return { findings, chainId: view!.finding.chainId };
}

/** Whether a finding whose work stands so is still to be settled by what is done. */
export type IsLeft = (work: string) => boolean;

async function find(given: string, isLeft: IsLeft, shelf: Shelf): Promise<readonly Known[]> {
  const isMeant = (id: string) => meansId(given, id);
  const isNamed = ({ incident }: KnownIncident) => isMeant(incident.incident);
  // Too short to mean anything: nothing is looked for.
  const isDone =
    <T>(is: (one: T) => boolean) =>
    (all: readonly T[]) =>
      !isEnough(given) || all.some(is);
  const incidents = (await lookBack(shelf.incidents, isDone(isNamed))).filter(isNamed);
  const grouped = new Set(incidents.flatMap(({ incident }) => incident.findings));
  // An alert is known by its thread's key, which all that is told of it shares.
  const isWanted = ({ finding }: KnownFinding) =>
    isMeant(finding.id) || isMeant(finding.dedupKey) || grouped.has(finding.id);
  const findings = await lookBack(shelf.findings, (all) =>
    grouped.size === 0 ? isDone(isWanted)(all) : all.filter(isWanted).length >= grouped.size,
  );
  const meant = findings.filter(isWanted);
  if (meant.length === 0)
    throw new UsageError(
      `There is no finding or incident "${given}".`,
      "Allowed: an id, or at least its first 8 digits, as they stand in an alert.",
      "`testudo status` lists what is open.",
    );
  // All that stands under one key is one alert.
  if (grouped.size === 0 && new Set(meant.map(({ finding }) => finding.dedupKey)).size > 1)
    throw new UsageError(`"${given}" fits ${meant.length} findings.`, "One is allowed.", "Give more digits.");
  // What a prediction goes on as is newer, so that it was looked at as well.
  const present = new Set(meant.map((one) => nowOf(one, findings)));
  const open = [...present].filter(({ status }) => isLeft(status?.work ?? "open"));
  if (open.length === 0) throw new NothingOpen(given);
  return open.map(({ finding }) => finding);
}

/** What `known` goes on as among `all`, or itself. */
function nowOf(known: KnownFinding, all: readonly KnownFinding[]): KnownFinding {
  const next = all.find(({ finding }) => finding.id === known.status?.goesOnAs);
  return next === undefined ? known : nowOf(next, all);
}

/** Somebody was faster. */
export class NothingOpen extends Error {
  override readonly name = "NothingOpen";
  constructor(id: string) {
    super(`Nothing of "${id}" is open.\n- Somebody was faster.\n- \`testudo status\` lists what is open.`);
  }
}
