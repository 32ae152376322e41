// What a person says of a finding, an alert, or an incident with all of its findings, by the id that he types.
import type { Finding } from "@testudo/core/model/Finding";
import type { Resolution } from "@testudo/core/model/FindingStatus";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import { UsageError } from "../../config/UsageError.ts";
import type { Store } from "../../store/Store.ts";
import { actorName } from "../terminal/actorName.ts";
import { fetchPage } from "./fetchAll.ts";
import { lookBack, pageSize } from "./lookBack.ts";
import { isEnough, meansId } from "./meansId.ts";
import { withStore } from "./openExisting.ts";
import { type ServerClient, ServerRefused, type SpeechFlags, speechTo } from "./serverClient.ts";
import { stepInStore } from "./stepInStore.ts";

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
export interface Shelf {
  findings(beforeSeq: number | undefined): Promise<readonly KnownFinding[]>;
  incidents(beforeSeq: number | undefined): Promise<readonly KnownIncident[]>;
}

/** What is said of findings. */
export interface Order {
  /** Whether it is to be said of a finding whose work stands so. */
  readonly isLeft: (work: string) => boolean;
  /** The end of the route of a finding that takes it. */
  readonly path: "acknowledge" | "resolve";
  readonly said: { readonly note: string; readonly resolution?: Resolution };
  /** The same for the pipeline, where no server runs that would give it. */
  toInput(finding: Hex, actor: string): Input;
}

/** Says `order` of the findings that `given` means, at the server or in the store of `flags`; those. Throws UsageError, NothingOpen. */
export async function sayOf(given: string, order: Order, flags: SpeechFlags): Promise<readonly Known[]> {
  const account = actorName();
  const speech = speechTo(flags, account);
  if (speech === undefined)
    return withStore(flags.data, (store) => sayInStore(store, given, order, flags.as ?? account));
  const { server, actor } = speech;
  const meant = await findMeant(given, order.isLeft, {
    findings: (before) => fetchPage<KnownFinding>(server, "findings", before),
    incidents: (before) => fetchPage<KnownIncident>(server, "incidents", before),
  });
  // Where the token is a name, nobody gives another.
  const said = actor === undefined ? order.said : { ...order.said, actor };
  const taken: Known[] = [];
  for (const known of meant) if (await isTaken(server, `/findings/${known.id}/${order.path}`, said)) taken.push(known);
  if (taken.length === 0) throw new NothingOpen(given);
  return taken;
}

/** Whether the server took what was said; what somebody else said first is no reason to leave the rest unsaid. */
async function isTaken(server: ServerClient, path: string, said: object): Promise<boolean> {
  try {
    await server.post(path, said);
    return true;
  } catch (error) {
    if (error instanceof ServerRefused && error.status === 409 && error.code === "state") return false;
    throw error;
  }
}

async function sayInStore(store: Store, given: string, order: Order, actor: string): Promise<readonly Known[]> {
  const { listFindings, listIncidents } = await import("../../store/listViews.ts");
  const filterOf = (beforeSeq: number | undefined) => ({
    limit: pageSize,
    ...(beforeSeq === undefined ? {} : { beforeSeq }),
  });
  const meant = await findMeant(given, order.isLeft, {
    findings: (before) => listFindings(store, filterOf(before)),
    incidents: (before) => listIncidents(store, filterOf(before)),
  });
  const [view] = await listFindings(store, { ids: [meant[0]!.id] });
  await stepInStore(
    store,
    view!.finding.chainId,
    meant.map(({ id }) => order.toInput(id, actor)),
  );
  return meant;
}

/** The findings that `given` means on `shelf`, of those that are left. Throws UsageError where it fits nothing, or more than one alert; NothingOpen. */
export async function findMeant(given: string, isLeft: Order["isLeft"], shelf: Shelf): Promise<readonly Known[]> {
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
  const alerts = meant.flatMap(({ finding }) => (grouped.has(finding.id) ? [] : [finding.dedupKey]));
  const count = new Set([...incidents.map(({ incident }) => incident.incident), ...alerts]).size;
  if (count > 1)
    throw new UsageError(`"${given}" fits ${count} findings and incidents.`, "One is allowed.", "Give more digits.");
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
