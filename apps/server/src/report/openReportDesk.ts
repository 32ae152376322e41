import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import { hashOfReport, isVerified, type ReportDraft } from "@testudo/core/model/Report";
import { listReports } from "../store/listReports.ts";
import type { Store } from "../store/Store.ts";

/**
 * What became of a report: `taken` into the records just now, `known` as it stood there, `early` for a watch that has judged no
 * block yet or ends, `refused` by one that protects something else. `report` is the record's id.
 */
export type ReportTaken =
  | { readonly state: "taken" | "known"; readonly report: Hex }
  | { readonly state: "early"; readonly reason: string }
  | { readonly state: "refused"; readonly reason: string };

export type TakeReport = (draft: ReportDraft) => Promise<ReportTaken>;

/** What takes reports into a running watch. */
export interface ReportDeskOptions {
  readonly store: Store;
  readonly chainId: number;
  readonly watched: readonly Address[];
  /** Gives an input to the pipeline; true once what follows from it is stored. */
  readonly deliver: (input: Input) => Promise<boolean>;
}

/** Gives the function that takes a report, once however often it is brought. */
export function openReportDesk({ store, chainId, watched, deliver }: ReportDeskOptions): TakeReport {
  const recordOf = async (draft: ReportDraft): Promise<Hex | undefined> => {
    const views = await listReports(store, { hashes: [hashOfReport(draft)] });
    // A report that is confirmed by now is news.
    const enough = isVerified(draft) ? views.filter(({ report }) => isVerified(report)) : views;
    // The oldest: whoever asks again gets the same answer.
    return enough.at(-1)?.report.id;
  };
  return async (draft) => {
    const reason = refusalOf(draft, chainId, watched);
    if (reason !== undefined) return { state: "refused", reason };
    const known = await recordOf(draft);
    if (known !== undefined) return { state: "known", report: known };
    const isStored = await deliver({ kind: "report", report: draft });
    const report = isStored ? await recordOf(draft) : undefined;
    if (report !== undefined) return { state: "taken", report };
    return {
      state: "early",
      reason: isStored
        ? "No block has been judged yet.\n- Reports are taken after the first one.\n- Bring it again."
        : "The watch ends.\n- Nothing was taken.\n- Bring it again when it runs.",
    };
  };
}

function refusalOf({ chainId, subject }: ReportDraft, ours: number, watched: readonly Address[]): string | undefined {
  if (chainId !== ours)
    return `The report is about chain ${chainId}.\n- This watch follows chain ${ours}.\n- Bring it to the other's.`;
  if (!watched.includes(subject))
    return `The report is about ${subject}.\n- This watch does not protect it.\n- Add it to \`protect\`, or bring the report to whom it concerns.`;
  return undefined;
}
