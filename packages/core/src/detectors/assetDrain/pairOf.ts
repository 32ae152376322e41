import type { Address } from "../../model/Hex.ts";
import type { Leg } from "../../model/Loss.ts";

/** Key of the rate at which `holder` gives one asset for another. */
export function pairOf(holder: Address, out: Leg, into: Leg): string {
  return `${holder}|${out.asset}|${into.asset}`;
}
