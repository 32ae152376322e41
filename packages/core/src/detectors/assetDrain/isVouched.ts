import { zeroAddress } from "../../model/Asset.ts";
import type { Dealing } from "../../model/Dealing.ts";
import type { Address } from "../../model/Hex.ts";
import type { Leg, Loss } from "../../model/Loss.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";
import { customaryIns } from "./customaryIns.ts";

/**
 * Whether others in the same transaction bought the lost asset at about the price that the holder got (an arbitrage), or
 * earlier transactions of the block had brought in what left now (a back-run, just-in-time liquidity).
 */
export function isVouched(
  context: AssetDrainContext,
  dealing: Dealing,
  cluster: ReadonlySet<Address>,
  result: Loss,
  owing: readonly Leg[],
): boolean {
  const { view, holder, earlier } = dealing;
  const ins = customaryIns(context, dealing);
  const worst = owing.find((l) => l.asset === result.worst);
  if (worst === undefined) return false;
  if ((earlier.get(worst.asset) ?? 0n) * 2n >= worst.amount) return true;
  return [...view.flow().net].some(([other, own]) => {
    const bought = own.get(worst.asset) ?? 0n;
    if (other === holder || other === zeroAddress || cluster.has(other) || bought <= 0n) return false;
    return ins.some(
      (leg) =>
        leg.amount * bought * 5n >= -(own.get(leg.asset) ?? 0n) * worst.amount * 4n && (own.get(leg.asset) ?? 0n) < 0n,
    );
  });
}
