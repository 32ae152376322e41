import type { Hex } from "@testudo/core/model/Hex";
import type { Report } from "@testudo/core/model/Report";
import { getRecord, listRecords } from "./listRecords.ts";
import type { Store } from "./Store.ts";

/** A report as it was taken, with its place among all records. */
export interface ReportView {
  readonly seq: number;
  readonly report: Report;
}

/** Reports, newest first: at most `limit` (default 100), before `beforeSeq`, of the given hashes (`Report.report`). */
export async function listReports(
  store: Store,
  { limit = 100, beforeSeq, hashes }: { limit?: number; beforeSeq?: number; hashes?: readonly Hex[] } = {},
): Promise<ReportView[]> {
  const found = await listRecords(store, {
    kinds: ["Report"],
    limit,
    newestFirst: true,
    ...(beforeSeq === undefined ? {} : { beforeSeq }),
    ...(hashes === undefined ? {} : { about: hashes }),
  });
  return found.flatMap(({ seq, record }) => (record.kind === "Report" ? [{ seq, report: record }] : []));
}

/** The report whose record has `id`, or undefined. */
export async function getReport(store: Store, id: Hex): Promise<Report | undefined> {
  const record = (await getRecord(store, id))?.record;
  return record?.kind === "Report" ? record : undefined;
}
