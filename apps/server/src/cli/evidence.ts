import { countOf } from "@testudo/core/model/countOf";
import type { Hex } from "@testudo/core/model/Hex";
import type { Command } from "commander";
import { z } from "zod";
import { UsageError } from "../config/UsageError.ts";
import type { EvidenceHead } from "../store/loadState.ts";
import type { Store } from "../store/Store.ts";
import { optionsOf } from "./flags/dataFolder.ts";
import { withStore } from "./served/openExisting.ts";
import { registerSealed } from "./served/sealed.ts";
import { findServer } from "./served/serverClient.ts";
import { AnsweredNo } from "./terminal/AnsweredNo.ts";
import { printLine } from "./terminal/printLine.ts";

const headSchema = z.looseObject({ sequence: z.coerce.number(), id: z.string() });

export function registerEvidence(program: Command): void {
  const evidence = program.command("evidence").description("the chain of evidence");
  evidence
    .command("verify")
    .description("recompute every hash in the data folder; exit 1 and the place when a byte was changed")
    .option(
      "--head <id>",
      "a head that `evidence head` printed before (SEQUENCE:ID or ID): finds a chain that was cut off",
    )
    .action(async (_, command: Command) => {
      const { data, head } = await optionsOf<{ head?: string }>(command);
      await withStore(data, (store) => verify(store, head)).catch((error: unknown) => {
        throw error instanceof Error && error.name === "FolderLockedError" ? new EvidenceInUse(data, error) : error;
      });
    });
  evidence
    .command("head")
    .description("print the head of the chain of evidence, to be kept elsewhere")
    .action(async (_, command: Command) => {
      const { data } = await optionsOf(command);
      const server = findServer(data);
      const { sequence, id } =
        server === undefined ? await withStore(data, headIn) : headSchema.parse(await server.get("/evidence/head"));
      printLine(`${sequence}:${id}`);
    });
  registerSealed(evidence);
}

async function headIn(store: Store): Promise<EvidenceHead> {
  const { readHead } = await import("../store/loadState.ts");
  return readHead(store);
}

async function verify(store: Store, head: string | undefined): Promise<void> {
  const { verifyStore } = await import("../store/verifyStore.ts");
  const expected = head === undefined ? undefined : await headOf(store, head);
  const { fault, head: found, links, records } = await verifyStore(store, expected);
  if (fault === undefined) {
    printLine(
      `Evidence holds: ${countOf(links, "link")}, ${countOf(records, "record")}, head ${found.sequence}:${found.id}.`,
    );
    return;
  }
  printLine(`Evidence does not hold: ${fault.what}`);
  printLine(`- Table "${fault.table}"${fault.row === undefined ? "" : `, row "${fault.row}"`}.`);
  printLine(`- ${fault.wayOut}`);
  throw new AnsweredNo();
}

/** The head that a person kept. An id alone is looked up; one that is not there stands for a link beyond the end. */
async function headOf(store: Store, text: string): Promise<EvidenceHead> {
  const [, sequence, id] = /^(?:(\d{1,15}):)?(0x[0-9a-f]{64})$/.exec(text.trim().toLowerCase()) ?? [];
  if (id === undefined)
    throw new UsageError(
      `--head "${text}" is no head.`,
      "Allowed: SEQUENCE:ID or ID, where ID is 0x and 64 hexadecimal digits.",
      "Take it as `testudo evidence head` printed it.",
    );
  if (sequence !== undefined) return { sequence: Number(sequence), id: id as Hex };
  const row = await store.db.selectFrom("evidence").select("sequence").where("id", "=", id).executeTakeFirst();
  return { sequence: row?.sequence ?? (await headIn(store)).sequence + 1, id: id as Hex };
}

/** The store is open elsewhere. Retryable, when that process has ended. */
export class EvidenceInUse extends Error {
  override readonly name = "EvidenceInUse";
  constructor(data: string, cause: Error) {
    const pid = (cause as { readonly pid?: number }).pid;
    super(
      `The evidence in "${data}" cannot be verified now: process ${pid ?? "(unknown)"} has it open.\n` +
        "- To recompute every hash the store has to rest; a running server tells its head only (`testudo evidence head`).\n" +
        `- Stop the server${pid === undefined ? "" : ` (kill ${pid})`}, verify, and start it again: it goes on where it ended.`,
      { cause },
    );
  }
}
