import { type Asset, native } from "../../model/Asset.ts";

// So few of the smallest units are worth little in nearly any token.
const fewUnits = 10_000n;
// A tenth of a thousandth of a coin: what opens an account or moves an oracle is no price.
const fewWei = 10n ** 14n;

/** Whether `amount` of `asset` is taken for nothing. A price is not known: of a token of two decimals it may be a hundred. */
export function isDust(asset: Asset, amount: bigint): boolean {
  return amount <= (asset === native ? fewWei : fewUnits);
}
