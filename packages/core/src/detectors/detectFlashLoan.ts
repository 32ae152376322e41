import { z } from "zod";
import { actorCluster } from "../model/ActorCluster.ts";
import { netOfGroup } from "../model/AssetFlow.ts";
import type { Detector } from "../model/Detector.ts";
import { unredeemedBy } from "../signs/Compensation.ts";
import { findFlashLoans } from "../signs/FlashLoan.ts";
import { touchedBy } from "../signs/touchedBy.ts";

export interface FlashLoanParams {
  /** Also tell of flash loans that did not touch a protected address, as `info`. */
  readonly reportUntouched: boolean;
}

/**
 * Flash-loan touch: borrowed money and a protected address in one transaction.
 *
 *   high: touched, and the actors end with more of an asset that left the protected addresses
 *   medium: touched, and some asset left the protected addresses · low: touched · info: not touched, on request
 *
 * What was paid one for one against claims burned did not leave: it belonged to who took it.
 *
 * A loan is known by the lenders' events, calls and callbacks, or by its shape alone (signs/FlashLoan).
 * Source: CrossGuard's and Forta's flash-loan rules, without a list of lenders. Default: untouched loans are not told.
 * Calibration: none, nothing is measured against a limit.
 * Degraded without T: events and token order only. Evasion: own capital; a loan repaid in another token at an unknown lender.
 */
export const detectFlashLoan: Detector<FlashLoanParams> = {
  meta: {
    id: "flash-loan",
    version: "1.0.0",
    class: "anomaly",
    needs: { all: ["X", "L"], degraded: ["T", "H"] },
    finality: "finalized",
    runbook: "docs/requirements/detectors.md#flash-loan",
    owner: "protocol",
  },
  frameLogs: [],
  params: z.object({ reportUntouched: z.boolean() }).strict(),
  defaults: { reportUntouched: false },
  detect(context) {
    for (const view of context.txs) {
      const touched = touchedBy(view, context.watched);
      if (touched.size === 0 && !context.params.reportUntouched) continue;
      const loans = findFlashLoans(view);
      if (loans.length === 0) continue;
      const cluster = actorCluster(view, context.watched, context.deployerOf);
      const kept = netOfGroup(view.flow(), cluster);
      const lost = unredeemedBy(view, touched, context.watched);
      const gained = lost.filter((asset) => (kept.get(asset) ?? 0n) > 0n);
      const severity = touched.size === 0 ? "info" : gained.length > 0 ? "high" : lost.length > 0 ? "medium" : "low";
      const subject = [...touched][0] ?? [...context.watched][0];
      if (subject === undefined) continue;
      context.finding({
        severity,
        subject,
        reason: `A flash loan from ${loans.map((l) => l.lender).join(", ")} ${touched.size === 0 ? "passed by" : "reached"} ${subject}.`,
        txHash: view.tx.hash,
        addresses: [...cluster, ...loans.map((l) => l.lender)].slice(0, 16),
        key: [view.tx.hash],
        score: { info: 0, low: 0.25, medium: 0.5, high: 1 }[severity],
        evidence: {
          loans: loans.map((l) => ({
            lender: l.lender,
            by: l.by,
            signature: l.signature,
            asset: l.asset,
            amount: l.amount,
          })),
          touched: [...touched].sort(),
          lost,
          gained,
          source: view.flow().source,
        },
      });
    }
  },
};
