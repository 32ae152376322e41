import { type Asset, native } from "../../model/Asset.ts";

// So few of the smallest units are worth nothing in any token.
const fewUnits = 10_000n;
// A tenth of a thousandth of a coin: what opens an account or moves an oracle is no price.
const fewWei = 10n ** 14n;

/** Whether `amount` of `asset` is worth nothing, whatever the asset. */
export function isDust(asset: Asset, amount: bigint): boolean {
  return amount <= (asset === native ? fewWei : fewUnits);
}
