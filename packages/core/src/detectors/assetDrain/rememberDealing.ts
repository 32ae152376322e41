import { principalsOf } from "../../model/ActorCluster.ts";
import { zeroAddress } from "../../model/Asset.ts";
import { addToRing } from "../../model/Ring.ts";
import { isAssumed, isDealtInBy, noteDeposit, noteRate } from "../../signs/Compensation.ts";
import { noteCustom } from "../../signs/CustomBook.ts";
import type { Dealing } from "../../signs/Dealing.ts";
import { isUncalledInflow } from "../../signs/DrainSign.ts";
import { lossOf } from "../../signs/Loss.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";
import { customaryIns } from "./customaryIns.ts";
import { pairOf } from "./pairOf.ts";

/** Notes what later blocks need to know of this dealing. An exchange that was suspicious does not become custom. */
export function rememberDealing(context: AssetDrainContext, dealing: Dealing, raised: boolean): void {
  const { memory } = context;
  const { holder, outs, ins, view } = dealing;
  const block = Number(context.block.ref.number);
  customaryIns(context, dealing);
  for (const leg of outs) {
    const how = { isDealtIn: isDealtInBy(view, holder, leg.asset), isAssumed: isAssumed(view, leg.asset) };
    noteCustom(memory, holder, leg.asset, block, { heldBefore: leg.held > 0n, leaves: !raised, ...how });
  }
  if (raised) return;
  const [out, into] = [outs[0], ins[0]];
  // Dust changes hands at any rate that rounding makes; what is too small to be judged sets no custom.
  const isJudged = lossOf(outs, []).loss >= context.params.thetaKept;
  if (isJudged && outs.length === 1 && ins.length === 1 && out !== undefined && into !== undefined)
    noteRate(memory, pairOf(holder, out, into), out.amount, into.amount);
  if (outs.length > 0 || ins.length === 0) return;
  const principals = [...principalsOf(view)];
  // Who got claims for it has been paid: the claims say what is owed.
  const gotClaims = (view.flow().net.get(zeroAddress)?.get(holder) ?? 0n) < 0n;
  if (!gotClaims) for (const leg of ins) noteDeposit(memory, holder, leg.asset, leg.amount, block, principals);
  if (isUncalledInflow(view, holder, context.watched) && view.trace!.calls.length > 0)
    addToRing(memory, `donors:${holder}`, principals, 64);
}
