import { toPlainNumber } from "../../math/ratio.ts";
import type { Dealing } from "../../model/Dealing.ts";
import { gainOf, paysNothing } from "../../model/DrainGain.ts";
import type { DrainSigns } from "../../model/DrainSign.ts";
import type { Leg, Loss } from "../../model/Loss.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";
import { isVouched } from "./isVouched.ts";
import { percent } from "./percent.ts";
import { severityOf } from "./severityOf.ts";

/** Tells of a loss as grave as gain and signs make it; false when they make it nothing. */
export function reportLoss(
  context: AssetDrainContext,
  dealing: Dealing,
  found: DrainSigns,
  result: Loss,
  owing: readonly Leg[],
  isOwnMoney: boolean,
): boolean {
  const gain = gainOf(dealing, context.watched, found.cluster);
  const isZ1 = result.loss >= context.params.thetaTx;
  const isKept = gain.capture >= context.params.capture;
  const isZ2 = isKept && result.loss >= context.params.thetaGain;
  const isNet = gain.isNet || paysNothing(dealing.view, found.cluster, (reads) => context.readAll(reads));
  const vouched = isVouched(context, dealing, found.cluster, result, owing);
  // A transfer without an event shows who lost and not who gained; else a gain must be seen.
  const isHidden = owing.some((leg) => dealing.view.flow().unbalanced.has(leg.asset));
  const hasGain = isKept || gain.isNet || (isNet && isHidden);
  const judged = severityOf({ isZ1, isZ2, isKept, isNet, hasGain, vouched }, found.signs);
  const severity = isOwnMoney && judged !== undefined ? "medium" : judged;
  if (severity === undefined) return false;
  const flags = [...(isZ1 ? ["Z1"] : []), ...(isKept ? ["Z2"] : []), ...found.signs];
  context.finding({
    severity,
    subject: dealing.holder,
    reason: `One transaction took ${percent(result.loss)} of what ${dealing.holder} held of ${result.worst} (${flags.join(", ")}).`,
    txHash: dealing.view.tx.hash,
    addresses: [...found.cluster, ...gain.receivers].slice(0, 16),
    key: [dealing.view.tx.hash],
    score: result.loss,
    evidence: {
      loss: toPlainNumber(result.loss),
      flags,
      uncalibrated: true,
      thetaTx: context.params.thetaTx,
      thetaGain: context.params.thetaGain,
      thetaKept: context.params.thetaKept,
      paidNothing: isNet,
      out: dealing.outs.map((l) => ({ asset: l.asset, amount: l.amount, held: l.held })),
      owing: owing.map((l) => ({ asset: l.asset, amount: l.amount })),
      in: dealing.ins.map((l) => ({ asset: l.asset, amount: l.amount, held: l.held })),
      shareIn: toPlainNumber(result.shareIn),
      capture: toPlainNumber(gain.capture),
      vouchedByOthers: vouched,
      isOwnMoney,
      source: dealing.view.flow().source,
      unbalanced: [...dealing.view.flow().unbalanced].sort(),
    },
  });
  return true;
}
