import { isUsualRate } from "../../signs/Compensation.ts";
import type { Dealing } from "../../signs/Dealing.ts";
import type { Leg } from "../../signs/Loss.ts";
import { isWithinQuote, quoteReads } from "../../signs/Quote.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";
import { customaryIns } from "./customaryIns.ts";
import { pairOf } from "./pairOf.ts";

/** The leg was sold for a customary asset at the holder's usual rate, or at the pool's own price of the parent block. */
export function isOwnPrice(context: AssetDrainContext, dealing: Dealing, leg: Leg): boolean {
  const ins = customaryIns(context, dealing);
  const [into] = ins;
  if (dealing.outs.length !== 1 || ins.length !== 1 || into === undefined) return false;
  if (isUsualRate(context.memory, pairOf(dealing.holder, leg, into), leg.amount, into.amount)) return true;
  const answers = context.readAll(quoteReads(dealing.holder));
  return isWithinQuote(answers, [leg.asset, leg.amount], [into.asset, into.amount], dealing.earlier);
}
