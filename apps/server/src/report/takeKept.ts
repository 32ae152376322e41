import { sleep } from "@testudo/chain/rpc/sleep";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { TakeReport } from "./openReportDesk.ts";
import { dropKept, listKept, ReportUnreadable, readKept } from "./reportFolder.ts";

/** What taking in the reports that wait in the data folder needs. */
export interface KeptReports {
  readonly dataDir: string;
  readonly take: TakeReport;
  readonly tell: (trouble: StreamTrouble) => void;
  /** Whether a block has been judged: before that nothing is taken. */
  readonly isReady: () => boolean;
  /** How often to look again, in milliseconds: a command may have found the server too busy to answer. Default 30 s. */
  readonly everyMs?: number;
  readonly signal: AbortSignal;
}

/**
 * Takes in the reports that wait in the data folder, at the start and then every so often, and takes each file away once its
 * report is stored. A crash in between leaves the file, and its report is known by then. What cannot be read, or is about
 * something else, stays where it is and is told once. Resolves when `signal` is aborted.
 */
export async function takeKept({ dataDir, take, tell, isReady, everyMs = 30_000, signal }: KeptReports): Promise<void> {
  const told = new Set<string>();
  while (!isReady() && !signal.aborted) await sleep(200, signal);
  while (!signal.aborted) {
    for await (const message of takeAll(dataDir, take, signal)) {
      if (told.has(message)) continue;
      told.add(message);
      tell({ kind: "trouble", trouble: "report-unread", endpoint: "reports", message });
    }
    await sleep(everyMs, signal);
  }
}

/** What went wrong with each file that was not taken. */
async function* takeAll(dataDir: string, take: TakeReport, signal: AbortSignal): AsyncGenerator<string> {
  try {
    for (const file of listKept(dataDir)) {
      if (signal.aborted) return;
      const message = await takeFile(file, take);
      if (message !== undefined) yield message;
    }
  } catch (error) {
    yield `Reports in "${dataDir}" cannot be looked for: ${messageOf(error)}`;
  }
}

async function takeFile(file: string, take: TakeReport): Promise<string | undefined> {
  try {
    const taken = await take(readKept(file));
    if (taken.state === "refused") return `The report in "${file}" is not taken: ${taken.reason}`;
    if (taken.state !== "early") dropKept(file);
    return undefined;
  } catch (error) {
    return error instanceof ReportUnreadable ? error.message : `"${file}" is not taken yet: ${messageOf(error)}`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
