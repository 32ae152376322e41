import { burnedClaims, claimShare, isPaidOneForOne, readSupplies } from "../../signs/Compensation.ts";
import type { Dealing } from "../../signs/Dealing.ts";
import { drainSigns } from "../../signs/DrainSign.ts";
import { type Leg, lossOf } from "../../signs/Loss.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";
import { legsToFresh } from "./freshPayees.ts";
import { isOwnPrice } from "./isOwnPrice.ts";
import type { Judged } from "./Judged.ts";
import { nowOf } from "./nowOf.ts";
import { payingIns } from "./payingIns.ts";
import { reportLoss } from "./reportLoss.ts";
import { strongSigns } from "./strongSigns.ts";

/** Judges what one transaction took from one holder, with its holdings known; undefined when all of it is explained. */
export function judgeDealing(context: AssetDrainContext, dealing: Dealing): Judged | undefined {
  const { outs, holder, view } = dealing;
  const { thetaKept, thetaFresh } = context.params;
  if (outs.length === 0 || lossOf(outs, []).loss < thetaKept) return undefined;
  const claims = burnedClaims(view, context.watched);
  const supplies = claims.length === 0 ? new Map() : readSupplies(claims, (reads) => context.readAll(reads));
  const owing = outs.filter(
    (leg) => !isPaidOneForOne(claims, holder, leg.amount) && !isOwnPrice(context, dealing, leg),
  );
  const claim = claimShare(claims, holder, supplies);
  if (lossOf(owing, [], claim).loss < thetaKept) return undefined;
  const { cluster, signs: shown } = drainSigns(view, holder, context.watched, context.memory, nowOf(context));
  const isMuch = lossOf(owing, [], claim).loss >= thetaFresh;
  const fresh = isMuch ? legsToFresh(view, owing, context.watched, (reads) => context.readAll(reads)) : [];
  const signs = lossOf(fresh, [], claim).loss >= thetaFresh ? [...shown, "Z9" as const] : shown;
  const beyondOwn = owing.flatMap((leg) => beyond(leg, dealing.own.get(leg.asset) ?? 0n));
  // Whoever takes a loan, re-enters or takes control for it is not just fetching what is his.
  const isOwnMoney = !signs.some((s) => strongSigns.includes(s)) && lossOf(beyondOwn, [], claim).loss < thetaKept;
  const ins = payingIns(context, dealing);
  const facts = { dealing, cluster, signs, ins, claim };
  return { ...facts, owing: isOwnMoney ? [] : owing, ...reportLoss(context, { ...facts, owing }, isOwnMoney) };
}

/** What exceeds own money that comes back, which may have grown a little in a day: by 0.2 %, which is over 70 % a year. */
function beyond(leg: Leg, own: bigint): Leg[] {
  const amount = leg.amount - own - own / 500n;
  return amount > 0n ? [{ ...leg, amount }] : [];
}
