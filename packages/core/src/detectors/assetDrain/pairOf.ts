import type { Pair } from "../../model/Compensation.ts";
import type { Address } from "../../model/Hex.ts";
import type { Leg } from "../../model/Loss.ts";

/** That `holder` gives one asset for another. */
export function pairOf(holder: Address, out: Leg, into: Leg): Pair {
  return { holder, out: out.asset, into: into.asset };
}
