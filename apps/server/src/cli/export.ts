import type { Notice } from "@testudo/core/model/Notice";
import { type Command, Option } from "commander";
import { UsageError } from "../config/UsageError.ts";
import { type Tlp, tlpLevels } from "../interop/stix/tlp.ts";
import { type StixOptions, toStix } from "../interop/stix/toStix.ts";
import { toCloudEvent } from "../interop/toCloudEvent.ts";
import type { Store } from "../store/Store.ts";
import { writeOut } from "./files/writeOut.ts";
import { optionsOf } from "./flags/dataFolder.ts";
import { fetchAll } from "./served/fetchAll.ts";
import { withStore } from "./served/openExisting.ts";
import { findServer, type ServerClient } from "./served/serverClient.ts";
import { printLine } from "./terminal/printLine.ts";

interface ExportOptions {
  readonly data: string;
  readonly out?: string;
}

type Told = Pick<StixOptions, "chainId" | "incidents" | "findings">;

/** `testudo export`: what was found, in forms that other programs read. */
export function registerExport(program: Command): void {
  const command = program.command("export").description("what was found, in forms that other programs read");
  command
    .command("stix")
    .description("incidents and findings as a STIX 2.1 bundle")
    .addOption(
      new Option("--tlp <level>", "how far it may go (Traffic Light Protocol 2.0)").choices(tlpLevels).default("amber"),
    )
    .option("--withhold <id...>", "incidents or findings under embargo: they and what belongs to them stay out")
    .option("--out <file>", "write it there instead of to the screen")
    .action(async (_, self: Command) => {
      const {
        data,
        out,
        tlp,
        withhold = [],
      } = await optionsOf<ExportOptions & { tlp: Tlp; withhold?: string[] }>(self);
      const embargoed = new Set(withhold.map(idIn));
      const server = findServer(data);
      const told = await (server === undefined ? withStore(data, readTold) : fetchTold(server));
      give(JSON.stringify(toStix({ ...told, tlp, embargoed }), undefined, 2), out);
    });
  command
    .command("cloudevents")
    .description("all notices as CloudEvents 1.0, one JSON object a line; the server has to rest")
    .option("--out <file>", "write it there instead of to the screen")
    .action(async (_, self: Command) => {
      const { data, out } = await optionsOf<ExportOptions>(self);
      const notices = await withStore(data, readNotices);
      give(notices.map((notice) => JSON.stringify(toCloudEvent(notice))).join("\n"), out);
    });
}

function give(text: string, out: string | undefined): void {
  if (out === undefined) printLine(text);
  else writeOut(out, `${text}\n`);
}

function idIn(text: string): `0x${string}` {
  if (/^0x[0-9a-f]{64}$/.test(text)) return text as `0x${string}`;
  // An abbreviation that fits nothing would let out what was to be held back.
  throw new UsageError(
    `--withhold "${text}" is no id.`,
    "Allowed: 0x and 64 hexadecimal digits.",
    "Take it whole from `testudo status --json` or GET /incidents.",
  );
}

async function readTold(store: Store): Promise<Told> {
  const { listFindings, listIncidents } = await import("../store/listViews.ts");
  const page = { limit: Number.MAX_SAFE_INTEGER };
  const findings = await listFindings(store, page);
  const incidents = (await listIncidents(store, page)).map(({ incident }) => incident);
  const chain = await store.db.selectFrom("meta").select("value").where("key", "=", "chain").executeTakeFirst();
  return { chainId: Number(chain?.value ?? findings[0]?.finding.chainId ?? 1), incidents, findings };
}

async function fetchTold(server: ServerClient): Promise<Told> {
  const { chainId } = (await server.get("/status")) as { chainId: number };
  const findings = await fetchAll<Told["findings"][number]>(server, "findings");
  const incidents = await fetchAll<{ incident: Told["incidents"][number] }>(server, "incidents");
  return { chainId, incidents: incidents.map(({ incident }) => incident), findings };
}

async function readNotices(store: Store): Promise<readonly Notice[]> {
  const { fromPlainJson } = await import("@testudo/core/model/plainJson");
  const rows = await store.db.selectFrom("notices").select("body").orderBy("seq").execute();
  return rows.map(({ body }) => fromPlainJson<Notice>(body));
}
