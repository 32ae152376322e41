import { toPlainNumber } from "../../math/ratio.ts";
import { mostSevere, type Severity } from "../../model/Finding.ts";
import { gainOf, paysNothing } from "../../signs/DrainGain.ts";
import { type Loss, lossOf } from "../../signs/Loss.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";
import { actorsOf } from "./actorsOf.ts";
import { type DrainFlag, flagText } from "./flagText.ts";
import { isVouched } from "./isVouched.ts";
import type { Judged } from "./Judged.ts";
import { percent } from "./percent.ts";
import { lowered, severityOf } from "./severityOf.ts";

/** What a loss is judged from. */
type Facts = Pick<Judged, "dealing" | "cluster" | "signs" | "owing" | "ins" | "claim">;

/** Tells of a loss as grave as gain and signs make it, and returns what of that later judgements need. */
export function reportLoss(
  context: AssetDrainContext,
  facts: Facts,
  isOwnMoney: boolean,
): Pick<Judged, "hasGain" | "isVouched" | "severity"> {
  const { dealing, signs, owing, ins, claim } = facts;
  const { thetaTx, thetaGain, thetaKept } = context.params;
  const [gross, net] = [lossOf(owing, [], claim), lossOf(owing, ins, claim)];
  const standing = standingOf(context, facts, ins.length > 0 || claim >= thetaKept);
  const vouched = isVouched(context, dealing, facts.cluster, gross, owing);
  const judge = ({ loss }: Loss): Severity | undefined =>
    loss < thetaKept
      ? undefined
      : severityOf({ ...standing, isZ1: loss >= thetaTx, isZ2: standing.isKept && loss >= thetaGain }, signs);
  // Of what came in without a known price no more is believed than that it may be one: it takes no loss away.
  const [whole, unpaid] = [judge(gross), judge(net)];
  const judged = mostSevere([whole === unpaid ? whole : lowered(whole), unpaid].filter((s) => s !== undefined));
  const spoken = vouched ? lowered(judged) : judged;
  const severity = isOwnMoney && spoken !== undefined ? "medium" : spoken;
  const told = { hasGain: standing.hasGain, isVouched: vouched, severity };
  if (severity === undefined) return told;
  const flags: readonly DrainFlag[] = [
    ...(gross.loss >= thetaTx ? (["Z1"] as const) : []),
    ...(standing.isKept ? (["Z2"] as const) : []),
    ...signs,
  ];
  const score = severity === unpaid ? net.loss : gross.loss;
  context.finding({
    severity,
    subject: dealing.holder,
    reason: `One transaction took ${percent(score)} of what ${dealing.holder} held of ${gross.worst}${flagText(flags)}.`,
    txHash: dealing.view.tx.hash,
    addresses: [...facts.cluster, ...standing.receivers].slice(0, 16),
    key: [dealing.view.tx.hash],
    score,
    evidence: {
      loss: toPlainNumber(score),
      flags,
      uncalibrated: true,
      thetaTx,
      thetaGain,
      thetaKept,
      paidNothing: standing.isNet,
      out: dealing.outs.map((l) => ({ asset: l.asset, amount: l.amount, held: l.held })),
      owing: owing.map((l) => ({ asset: l.asset, amount: l.amount })),
      in: dealing.ins.map((l) => ({ asset: l.asset, amount: l.amount, held: l.held })),
      shareIn: toPlainNumber(net.shareIn),
      claim: toPlainNumber(claim),
      capture: toPlainNumber(standing.capture),
      vouchedByOthers: vouched,
      isOwnMoney,
      source: dealing.view.flow().source,
      unbalanced: [...dealing.view.flow().unbalanced].sort(),
    },
  });
  return told;
}

/** How the actors stand after it. */
function standingOf(context: AssetDrainContext, { dealing, cluster, signs, owing }: Facts, isPaid: boolean) {
  const actors = actorsOf(context, dealing.view, { cluster, signs });
  const gain = gainOf(dealing, context.watched, actors, isPaid);
  const isKept = gain.capture >= context.params.capture;
  const isNet = gain.isNet || paysNothing(dealing.view, actors, (reads) => context.readAll(reads));
  // A transfer without an event shows who lost and not who gained; else a gain must be seen.
  const isHidden = owing.some((leg) => dealing.view.flow().unbalanced.has(leg.asset));
  return { ...gain, isKept, isNet, hasGain: isKept || gain.isNet || (isNet && isHidden) };
}
