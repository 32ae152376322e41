import { openPatientWorker, orderUnsent, resultUnread } from "../jobs/thread/patientWorker.ts";
import { TraceFault } from "./TraceFault.ts";
import type { VennRequest, VennResponse } from "./vennRequest.ts";
import type { VennAnswer } from "./vennWorker.ts";

/** Judges the transaction of a request. Throws TraceFault where its trace is none, and NotJudged. */
export type JudgeVenn = (request: VennRequest) => Promise<VennResponse>;

/** Judges requests away from whoever takes them, one after the other. */
export interface VennDesk {
  readonly judge: JudgeVenn;
  close(): Promise<void>;
}

// The largest that is taken has a second or two of work.
const mostMs = 10_000;

const tooDeep: TraceFault["parts"] = [
  "The request nests too deep to be read.",
  "Allowed: a call tree as deep as the EVM calls, and little beside it.",
  "Trace the transaction again, and leave out what is not asked for.",
];

/** Opens it. The thread starts with the first request, and anew after one that it did not survive. */
export function openVennDesk(): VennDesk {
  const worker = openPatientWorker<VennRequest, VennAnswer>({ script: new URL("./vennWorker.js", import.meta.url) });
  return {
    async judge(request) {
      const ordered = await worker.give(request, { workMs: mostMs, waitMs: 0 });
      if (ordered.kind === "late") throw new NotJudged(`it took longer than ${mostMs} ms`);
      if (ordered.kind === "closed") throw new NotJudged("the server ends");
      if (ordered.kind === "failed" && [orderUnsent, resultUnread].includes(ordered.name))
        throw new TraceFault(...tooDeep);
      if (ordered.kind !== "done") throw new NotJudged(ordered.why);
      if ("fault" in ordered.result) throw new TraceFault(...ordered.result.fault);
      return ordered.result.response;
    },
    close: () => worker.close(),
  };
}

/** A transaction has no verdict, which says nothing about it. */
export class NotJudged extends Error {
  override readonly name = "NotJudged";
  constructor(why: string) {
    super(
      `The transaction was not judged: ${why}.\n- Silence is no verdict.\n- Ask again, or judge it with \`testudo detect\`.`,
    );
  }
}
