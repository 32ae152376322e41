import type { Asset } from "../../model/Asset.ts";
import type { Leg } from "../../signs/Loss.ts";

/**
 * What left and what came on balance over several dealings, oldest first, by asset. What left is held against the most
 * that was there, what came against what was there at first.
 */
export function sumOf(parts: readonly { readonly outs: readonly Leg[]; readonly ins: readonly Leg[] }[]): {
  readonly outs: Leg[];
  readonly ins: Leg[];
} {
  const sums = new Map<Asset, { leg: Leg; most: bigint; net: bigint }>();
  const add = (leg: Leg, amount: bigint) => {
    const sum = sums.get(leg.asset) ?? { leg, most: leg.held, net: 0n };
    sums.set(leg.asset, { ...sum, most: sum.most > leg.held ? sum.most : leg.held, net: sum.net + amount });
  };
  for (const { outs, ins } of parts) {
    for (const leg of outs) add(leg, -leg.amount);
    for (const leg of ins) add(leg, leg.amount);
  }
  const all = [...sums.values()];
  return {
    outs: all.filter((s) => s.net < 0n).map(({ leg, most, net }) => ({ ...leg, amount: -net, held: most })),
    ins: all.filter((s) => s.net > 0n).map(({ leg, net }) => ({ ...leg, amount: net })),
  };
}
