import type { Hex } from "@testudo/core/model/Hex";
import type { ReportDraft } from "@testudo/core/model/Report";
import { z } from "zod";
import { findServer, type ServerClient, ServerRefused, ServerUnreachable } from "../cli/served/serverClient.ts";
import { plainTitle } from "./plainTitle.ts";
import { keepReport } from "./reportFolder.ts";
import { sealedLimit, toReportBody } from "./reportSchema.ts";
import { sealFinding } from "./sealFinding.ts";

/** What an attack that was found comes to. */
export interface FoundAttack extends Omit<ReportDraft, "source" | "sealed"> {
  /** What is needed to do it again. Goes along for the guardians' eyes, or not at all. */
  readonly attachment?: Uint8Array | string;
}

/** Where reports of a data folder go, and the guardians' age public keys. */
export interface ReportAddress {
  readonly dataDir: string;
  readonly recipients: readonly string[];
}

/**
 * `sent` to the server at `where`, `known` there already, or `kept` in the file `where` for the next watch, with why where a
 * server runs. `attachment` says what became of it.
 */
export interface Submission {
  readonly state: "sent" | "known" | "kept";
  readonly where: string;
  /** The record's id; none of a report that was kept. */
  readonly report?: Hex;
  readonly why?: string;
  readonly attachment: "sealed" | "none" | "no-recipients" | "too-large";
}

const takenSchema = z.object({ report: z.string().regex(/^0x[0-9a-f]{64}$/), known: z.boolean() });

/**
 * Brings a finding of the adversary to the watch of `dataDir`, or leaves it there for the next one. The title may hold any text:
 * it is made one printable line. Brought twice it is one report. Throws ServerRefused where the watch takes no such
 * report, and ZodError for numbers that make none.
 */
export async function submitReport(
  { dataDir, recipients }: ReportAddress,
  { attachment, title, ...found }: FoundAttack,
): Promise<Submission> {
  const sealing = await seal(attachment, recipients);
  const draft: ReportDraft = {
    ...found,
    source: "adversary",
    title: plainTitle(title),
    ...(sealing.sealed === undefined ? {} : { sealed: sealing.sealed }),
  };
  const server = findServer(dataDir);
  const sent: Sent | { readonly why?: string } = server === undefined ? {} : await send(server, draft);
  if ("state" in sent) return { ...sent, attachment: sealing.attachment };
  return { state: "kept", where: keepReport(dataDir, draft), ...sent, attachment: sealing.attachment };
}

type Sent = Required<Pick<Submission, "state" | "where" | "report">>;

async function seal(
  attachment: FoundAttack["attachment"],
  recipients: readonly string[],
): Promise<{ readonly sealed?: string; readonly attachment: Submission["attachment"] }> {
  if (attachment === undefined) return { attachment: "none" };
  const sealed = await sealFinding(attachment, recipients);
  if (sealed === undefined) return { attachment: "no-recipients" };
  return sealed.length > sealedLimit ? { attachment: "too-large" } : { sealed, attachment: "sealed" };
}

/** What the server made of it, or why it cannot take it now. */
async function send(server: ServerClient, draft: ReportDraft): Promise<Sent | { readonly why: string }> {
  try {
    const { report, known } = takenSchema.parse(await server.post("/reports", toReportBody(draft)));
    return { state: known ? "known" : "sent", where: server.url, report: report as Hex };
  } catch (error) {
    // It waits in the folder, where the server looks every so often.
    const isLater = error instanceof ServerUnreachable || (error instanceof ServerRefused && error.status === 503);
    if (isLater) return { why: error.message };
    throw error;
  }
}
