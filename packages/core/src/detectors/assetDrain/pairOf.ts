import type { Address } from "../../model/Hex.ts";
import type { Pair } from "../../signs/Compensation.ts";
import type { Leg } from "../../signs/Loss.ts";

/** That `holder` gives one asset for another. */
export function pairOf(holder: Address, out: Leg, into: Leg): Pair {
  return { holder, out: out.asset, into: into.asset };
}
