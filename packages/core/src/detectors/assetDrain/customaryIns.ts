import { isAssumed, isDealtInBy } from "../../signs/Compensation.ts";
import { isCustomary, noteCustom } from "../../signs/CustomBook.ts";
import type { Dealing } from "../../signs/Dealing.ts";
import type { Leg } from "../../signs/Loss.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";

/** What came in and may count as payment. Remembers all that came in, so that it may be customary later. */
export function customaryIns(context: AssetDrainContext, { ins, holder, view }: Dealing): Leg[] {
  const block = Number(context.block.ref.number);
  const dealtIn = new Set(ins.filter((leg) => isDealtInBy(view, holder, leg.asset)));
  for (const leg of ins) {
    const sight = {
      heldBefore: leg.held > 0n,
      leaves: false,
      isDealtIn: dealtIn.has(leg),
      isAssumed: isAssumed(view, leg.asset),
    };
    noteCustom(context.memory, holder, leg.asset, block, sight);
  }
  return ins.filter(
    (leg) => dealtIn.has(leg) && isCustomary(context.memory, holder, leg.asset, block, context.params.customBlocks),
  );
}
