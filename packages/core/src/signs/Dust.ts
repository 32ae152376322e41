// What is too little to count: a holding of dust gives no measure of what comes in, and a payment of dust pays nothing.
import { type Asset, native } from "../model/Asset.ts";
import type { Address } from "../model/Hex.ts";
import { selector } from "../model/KnownSignature.ts";
import type { StateAnswer, StateRead } from "../model/StateRead.ts";
import { amountOf } from "./Holding.ts";

/** The smallest amounts that are no dust, by asset, in the asset's smallest unit. */
export type DustLimits = ReadonlyMap<Asset, bigint>;

/** A tenth of the chain's coin: gas, a builder's tip or a protocol's fee, no price of anything that is worth stealing. */
const nativeLimit = 10n ** 17n;

/** One unit is dust of a token that does not tell its decimals. */
const limitUntold = 2n;

/** The reads that tell where the dust of `assets` ends. Ids of NFTs are whole things and native value has a limit of its own. */
export function dustReads(assets: Iterable<Asset>): StateRead[] {
  return tokensOf(assets).map((to) => ({ kind: "call", at: "parent", to, data: selector.decimals }));
}

/** A thousandth of a whole token, by the decimals that it tells. A token may lie about them: ask only about what a holder deals in. */
export function readDust(
  assets: Iterable<Asset>,
  readAll: (reads: readonly StateRead[]) => readonly StateAnswer[],
): DustLimits {
  const tokens = tokensOf(assets);
  if (tokens.length === 0) return new Map();
  const answers = readAll(dustReads(tokens));
  return new Map(tokens.map((token, i) => [token, limitBy(amountOf(answers[i]))]));
}

/** Whether `amount` of `asset` is too little to count. */
export function isDust(limits: DustLimits, asset: Asset, amount: bigint): boolean {
  if (asset.includes(":")) return false;
  return amount < (asset === native ? nativeLimit : (limits.get(asset) ?? limitUntold));
}

function limitBy(decimals: bigint | undefined): bigint {
  if (decimals === undefined || decimals > 36n) return limitUntold;
  return decimals < 3n ? 1n : 10n ** (decimals - 3n);
}

function tokensOf(assets: Iterable<Asset>): Address[] {
  return [...new Set(assets)].filter((asset) => asset !== native && !asset.includes(":")) as Address[];
}
