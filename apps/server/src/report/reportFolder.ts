// Reports that wait in the data folder for a watch. A file's name is the hash of what its report says.
import { lstatSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hashOfReport, isVerified, type ReportDraft } from "@testudo/core/model/Report";
import { z } from "zod";
import { replaceFile } from "../operator/writeFile.ts";
import { reportBody, sealedLimit, toReportBody, toReportDraft } from "./reportSchema.ts";

const format = "testudo-report/1";
const fileSchema = z.strictObject({ format: z.literal(format), report: reportBody });
const bytesLimit = sealedLimit + 16_384;
const nameForm = /^[0-9a-f]{64}\.json$/;

function folderOf(dataDir: string): string {
  return join(dataDir, "reports");
}

/** Keeps `draft` in the data folder, readable by its owner alone; returns the file. One that is confirmed stays. */
export function keepReport(dataDir: string, draft: ReportDraft): string {
  const hash = hashOfReport(draft);
  const file = join(folderOf(dataDir), `${hash.slice(2)}.json`);
  if (!isVerified(draft) && isKeptVerified(file)) return file;
  replaceFile(file, `${JSON.stringify({ format, report: toReportBody(draft) }, undefined, 2)}\n`);
  return file;
}

function isKeptVerified(file: string): boolean {
  try {
    return isVerified(readKept(file));
  } catch {
    return false;
  }
}

/** The files of reports that wait in the data folder, in the order of their names. */
export function listKept(dataDir: string): readonly string[] {
  try {
    return readdirSync(folderOf(dataDir))
      .filter((name) => nameForm.test(name))
      .sort()
      .map((name) => join(folderOf(dataDir), name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** The report in `file`. Throws ReportUnreadable. */
export function readKept(file: string): ReportDraft {
  try {
    const stat = lstatSync(file);
    if (!stat.isFile()) throw new Error("it is no plain file");
    if (stat.size > bytesLimit) throw new Error(`it has ${stat.size} bytes, ${bytesLimit} are allowed`);
    const { report } = fileSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    return toReportDraft(report);
  } catch (error) {
    throw new ReportUnreadable(file, error);
  }
}

/** Takes away the file of a report that is in the records. */
export function dropKept(file: string): void {
  rmSync(file, { force: true });
}

/** The file holds no report. Not retryable. */
export class ReportUnreadable extends Error {
  override readonly name = "ReportUnreadable";
  constructor(file: string, cause: unknown) {
    const why = cause instanceof z.ZodError ? explain(cause) : cause instanceof Error ? cause.message : String(cause);
    super(
      `"${file}" holds no report: ${why}.\n- Expected: what \`testudo attack\` wrote there.\n- Take the file away, or have the attack found again.`,
      { cause },
    );
  }
}

function explain({ issues: [issue] }: z.ZodError): string {
  return issue === undefined ? "it is malformed" : `${issue.path.join(".") || "the file"}: ${issue.message}`;
}
