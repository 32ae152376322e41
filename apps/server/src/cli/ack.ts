import type { Finding } from "@testudo/core/model/Finding";
import type { Input } from "@testudo/core/model/Input";
import type { Command } from "commander";
import { UsageError } from "../config/UsageError.ts";
import { printable } from "../deliver/printable.ts";
import type { Store } from "../store/Store.ts";
import { optionsOf } from "./dataFolder.ts";
import { fetchPage } from "./fetchAll.ts";
import { lookBack, pageSize } from "./lookBack.ts";
import { isEnough, meansId } from "./meansId.ts";
import { actorName } from "./modes.ts";
import { withStore } from "./openExisting.ts";
import { printLine } from "./printLine.ts";
import { type ServerClient, speechTo } from "./serverClient.ts";
import { stepInStore } from "./stepInStore.ts";

interface Order {
  readonly id: string;
  /** Undefined where the token is a name. */
  readonly actor: string | undefined;
  readonly note: string;
}

export function registerAck(program: Command): void {
  program
    .command("ack")
    .description("take a finding, or all findings of an incident, upon yourself")
    .argument("<id>", "a finding or an incident, or the first 8 or more digits of its id")
    .option("--note <text>", "what you know or will do", "acknowledged")
    .option("--server <url>", "a running watch; default: that of the data folder. TESTUDO_TOKEN may be your own token")
    .option("--as <name>", "who says it, with the server's own token; default: this account")
    .action(async (id: string, _, command: Command) => {
      const flags = await optionsOf<{ note: string; server?: string; as?: string }>(command);
      const { data, note, as } = flags;
      const speech = speechTo(flags, actorName());
      const taken = await (speech === undefined
        ? withStore(data, (store) => acknowledgeInStore(store, { id, note, actor: as ?? actorName() }))
        : acknowledgeAtServer(speech.server, { id, note, actor: speech.actor }));
      // A reason may hold what strangers put on the chain.
      for (const { detector, reason, id: finding } of taken)
        printLine(printable(`Acknowledged ${finding.slice(0, 12)}… ${detector}: ${reason}`));
    });
}

/** A finding as far as it matters here. */
type Known = Pick<Finding, "id" | "detector" | "reason">;
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

async function acknowledgeAtServer(server: ServerClient, { id, actor, note }: Order): Promise<readonly Known[]> {
  const wanted = await find(id, {
    findings: (before) => fetchPage<KnownFinding>(server, "findings", before),
    incidents: (before) => fetchPage<KnownIncident>(server, "incidents", before),
  });
  const said = actor === undefined ? { note } : { actor, note };
  for (const finding of wanted) await server.post(`/findings/${finding.id}/acknowledge`, said);
  return wanted;
}

/** Gives the acknowledgement to the pipeline where no server runs that would. */
async function acknowledgeInStore(
  store: Store,
  { id, actor, note }: Order & { readonly actor: string },
): Promise<readonly Known[]> {
  const { listFindings, listIncidents } = await import("../store/listViews.ts");
  const filterOf = (beforeSeq: number | undefined) => ({
    limit: pageSize,
    ...(beforeSeq === undefined ? {} : { beforeSeq }),
  });
  const wanted = await find(id, {
    findings: (before) => listFindings(store, filterOf(before)),
    incidents: (before) => listIncidents(store, filterOf(before)),
  });
  const [view] = await listFindings(store, { ids: [wanted[0]!.id] });
  const { chainId } = view!.finding;
  const inputs = wanted.map(({ id: finding }): Input => ({ kind: "acknowledge", finding, actor, note }));
  await stepInStore(store, chainId, inputs);
  return wanted;
}

async function find(given: string, shelf: Shelf): Promise<readonly Known[]> {
  const isMeant = (id: string) => meansId(given, id);
  const isNamed = ({ incident }: KnownIncident) => isMeant(incident.incident);
  // Too short to mean anything: nothing is looked for.
  const isDone =
    <T>(is: (one: T) => boolean) =>
    (all: readonly T[]) =>
      !isEnough(given) || all.some(is);
  const incidents = (await lookBack(shelf.incidents, isDone(isNamed))).filter(isNamed);
  const grouped = new Set(incidents.flatMap(({ incident }) => incident.findings));
  const isWanted = ({ finding }: KnownFinding) => isMeant(finding.id) || grouped.has(finding.id);
  const findings = await lookBack(shelf.findings, (all) =>
    grouped.size === 0 ? isDone(isWanted)(all) : all.filter(isWanted).length >= grouped.size,
  );
  const meant = findings.filter(isWanted);
  if (meant.length === 0)
    throw new UsageError(
      `There is no finding or incident "${given}".`,
      "Allowed: an id, or at least 0x and its first 8 digits.",
      "`testudo status` lists what is open.",
    );
  if (grouped.size === 0 && meant.length > 1)
    throw new UsageError(`"${given}" fits ${meant.length} findings.`, "One is allowed.", "Give more digits.");
  // What a prediction goes on as is newer, so that it was looked at as well.
  const present = new Set(meant.map((one) => nowOf(one, findings)));
  const open = [...present].filter(({ status }) => (status?.work ?? "open") === "open");
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
    super(
      `Nothing of "${id}" is open.\n- Only open findings are acknowledged.\n- \`testudo status\` lists what is open.`,
    );
  }
}
