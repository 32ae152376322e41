import { isCustomary, isDealtInBy, noteCustom } from "../../model/Compensation.ts";
import type { Dealing } from "../../model/Dealing.ts";
import type { Leg } from "../../model/Loss.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";

/** What came in and may count as payment. Remembers all that came in, so that it may be customary later. */
export function customaryIns(context: AssetDrainContext, { ins, holder, view }: Dealing): Leg[] {
  const block = Number(context.block.ref.number);
  for (const leg of ins)
    noteCustom(context.memory, holder, leg.asset, block, { heldBefore: leg.held > 0n, leaves: false });
  return ins.filter(
    (leg) =>
      isDealtInBy(view, holder, leg.asset) &&
      isCustomary(context.memory, holder, leg.asset, block, context.params.customBlocks),
  );
}
