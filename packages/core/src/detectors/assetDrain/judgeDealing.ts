import { burnedClaims, claimShare, isPaidOneForOne, readSupplies } from "../../model/Compensation.ts";
import type { Dealing } from "../../model/Dealing.ts";
import { drainSigns } from "../../model/DrainSign.ts";
import { lossOf } from "../../model/Loss.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";
import { customaryIns } from "./customaryIns.ts";
import { infrastructureOf } from "./infrastructureOf.ts";
import { isOwnPrice } from "./isOwnPrice.ts";
import { reportLoss } from "./reportLoss.ts";

/** Judges what one transaction took from one holder, with its holdings known; true when it told of it. */
export function judgeDealing(context: AssetDrainContext, dealing: Dealing): boolean {
  const { outs, holder, view } = dealing;
  if (outs.length === 0) return false;
  const raw = lossOf(outs, customaryIns(context, dealing));
  if (raw.loss < context.params.thetaKept) return false;
  const block = Number(context.block.ref.number);
  const found = drainSigns(view, holder, context.watched, context.memory, {
    block,
    youngBlocks: context.params.youngBlocks,
    infrastructure: infrastructureOf(context),
  });
  const claims = burnedClaims(view, context.watched);
  const supplies = claims.length === 0 ? new Map() : readSupplies(claims, (reads) => context.readAll(reads));
  const owing = outs.filter(
    (leg) => !isPaidOneForOne(claims, holder, leg.amount) && !isOwnPrice(context, dealing, leg),
  );
  const claim = claimShare(claims, holder, supplies);
  const ins = customaryIns(context, dealing);
  const result = lossOf(owing, ins, claim);
  if (result.loss < context.params.thetaKept) return false;
  const beyondOwn = owing.map((leg) => ({
    ...leg,
    amount: leg.amount - withInterest(dealing.own.get(leg.asset) ?? 0n),
  }));
  const isOwnMoney = lossOf(beyondOwn, ins, claim).loss < context.params.thetaKept;
  return reportLoss(context, dealing, found, result, owing, isOwnMoney);
}

/** Own money that comes back after at most a day may have grown a little: by 0.2 %, which is over 70 % a year. */
function withInterest(own: bigint): bigint {
  return own + own / 500n;
}
