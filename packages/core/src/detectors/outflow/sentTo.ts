import { pushTo } from "../../math/pushTo.ts";
import type { Asset } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import type { TxView } from "../../model/TxView.ts";
import { keyOf, type Touch } from "../../signs/HoldingsBook.ts";

/** The transactions of a block that took an asset from a holder, by `keyOf`. */
export type Takers = ReadonlyMap<string, readonly TxView[]>;

/** Found in one pass: a block may have thousands of transactions, and thousands of assets that leave. */
export function takersOf(touches: readonly Touch[]): Takers {
  const takers = new Map<string, TxView[]>();
  for (const { view, touched } of touches)
    for (const holder of touched)
      for (const [asset, net] of view.flow().net.get(holder) ?? []) {
        if (net < 0n) pushTo(takers, keyOf(holder, asset), view);
      }
  return takers;
}

/** How much of what `takers` took from `holder` came to addresses of `set` in the same transaction, summed. */
export function sentTo(takers: Takers, holder: Address, asset: Asset, set: Iterable<string>): bigint {
  const views = takers.get(keyOf(holder, asset));
  if (views === undefined) return 0n;
  const others = [...set].filter((address) => address !== holder) as Address[];
  return views.reduce((sum, view) => {
    const { net } = view.flow();
    const out = -(net.get(holder)?.get(asset) ?? 0n);
    if (out <= 0n) return sum;
    const come = others.reduce((total, address) => total + max(net.get(address)?.get(asset) ?? 0n), 0n);
    return sum + (come < out ? come : out);
  }, 0n);
}

function max(amount: bigint): bigint {
  return amount > 0n ? amount : 0n;
}
