import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { PendingTx } from "@testudo/core/model/PendingTx";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import { probeLimits } from "@testudo/lab/probe/probeContract";
import type { Patience } from "../jobs/thread/Clock.ts";
import { isOfNode } from "../jobs/thread/isOfNode.ts";
import { openPatientWorker } from "../jobs/thread/patientWorker.ts";
import { answerByNodes, type NodeQuestion } from "./NodeQuestion.ts";
import type { PreblockData, PreblockOrder, PreblockReport, ProbedReport, TriedReport } from "./preblockWorker.ts";
import type { Creation } from "./probeCreations.ts";

/** Nothing came of it. */
export interface NotDone {
  readonly kind: "not-done";
  readonly why: string;
  /** `broken`: it took more time or memory than there is, and would again; `state`: no node gave what it needs, or not in time. */
  readonly cause: "broken" | "state" | "closed";
}

/** Runs transactions and probes on a thread, one after the other. Its members never throw: they say why. */
export interface PreblockThread {
  tryOn(on: BlockRef, tx: PendingTx, before: readonly PendingTx[]): Promise<TriedReport | NotDone>;
  /** State around what was tried last. */
  read(
    of: Hex,
    reads: readonly StateRead[],
  ): Promise<{ readonly kind: "answers"; readonly answers: StateAnswer[] } | NotDone>;
  probe(on: BlockRef, creation: Creation, tokens: readonly Address[], ms?: number): Promise<ProbedReport | NotDone>;
  close(): Promise<void>;
}

export interface PreblockThreadOptions extends Omit<PreblockData, "nodes"> {
  readonly endpoints: readonly Endpoint[];
}

/**
 * For one transaction, or for one exchange of questions about it: as long as a probe may work. State that does not come in time is
 * refused, so that what came is kept, and the next head has it.
 */
export const triedPatience: Patience = { workMs: 2_000, waitMs: 4_000 };

// A probe looks at the clock between two calls, and one call may burn what a block has.
const probeGraceMs = 3_000;

/** Opens it; the thread starts at once, and again after one that was lost. */
export function openPreblockThread({ endpoints, ...options }: PreblockThreadOptions): PreblockThread {
  const nodes = endpoints.map(({ label, timeoutMs }) => ({ label, timeoutMs }));
  const answer = answerByNodes(endpoints);
  const worker = openPatientWorker<PreblockOrder, PreblockReport>({
    script: new URL("./preblockWorker.js", import.meta.url),
    workerData: { ...options, nodes } satisfies PreblockData,
    answer: (question) => answer(question as NodeQuestion),
    isAhead: true,
  });

  async function give(order: PreblockOrder, patience: Patience): Promise<PreblockReport | NotDone> {
    const ordered = await worker.give(order, patience);
    switch (ordered.kind) {
      case "done":
        return ordered.result;
      case "failed":
        return { kind: "not-done", why: ordered.why, cause: causeOf(ordered.name) };
      case "late":
        return { kind: "not-done", why: `it takes longer than ${patience.workMs} ms.`, cause: "broken" };
      case "lost":
        return { kind: "not-done", why: `its execution was lost: ${ordered.why}`, cause: "broken" };
      case "closed":
        return { kind: "not-done", why: "the watch ends", cause: "closed" };
      default:
        return never(ordered);
    }
  }

  return {
    tryOn: async (on, tx, before) =>
      (await give({ kind: "try", on, tx, before }, triedPatience)) as TriedReport | NotDone,
    async read(of, reads) {
      const given = await give({ kind: "read", of, reads }, triedPatience);
      return given as { readonly kind: "answers"; readonly answers: StateAnswer[] } | NotDone;
    },
    async probe(on, creation, tokens, ms) {
      const own = ms ?? probeLimits.ms;
      const given = await give(
        { kind: "probe", on, creation, tokens, ms },
        { workMs: own + probeGraceMs, waitMs: own },
      );
      return given as ProbedReport | NotDone;
    },
    close: worker.close,
  };
}

/** By the name of the error. */
function causeOf(name: string): NotDone["cause"] {
  return isOfNode(name) || name === "TimeUp" ? "state" : "broken";
}

function never(ordered: never): never {
  throw new TypeError(`Unknown word of a thread ${JSON.stringify(ordered)}.`);
}
