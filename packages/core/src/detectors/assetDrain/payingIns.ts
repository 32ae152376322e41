import type { Dealing } from "../../signs/Dealing.ts";
import { isDust, readDust } from "../../signs/Dust.ts";
import type { Leg } from "../../signs/Loss.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";
import { customaryIns } from "./customaryIns.ts";

/** What came in and counts as a share of what was held: customary, and more than dust of it was there before. */
export function payingIns(context: AssetDrainContext, dealing: Dealing): Leg[] {
  const ins = customaryIns(context, dealing);
  const limits = readDust(
    ins.map((leg) => leg.asset),
    (reads) => context.readAll(reads),
  );
  return ins.filter((leg) => !isDust(limits, leg.asset, leg.held));
}
