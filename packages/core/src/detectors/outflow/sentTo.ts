import type { Asset } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import type { TxView } from "../../model/TxView.ts";

/** How much of what left `holder` in each of `views` came to addresses of `set` in the same transaction, summed. */
export function sentTo(views: readonly TxView[], holder: Address, asset: Asset, set: Iterable<string>): bigint {
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
