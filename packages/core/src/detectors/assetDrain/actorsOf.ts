import type { Address } from "../../model/Hex.ts";
import type { TxView } from "../../model/TxView.ts";
import { type Actors, reducedAssets } from "../../signs/DrainGain.ts";
import type { DrainSigns } from "../../signs/DrainSign.ts";
import { type DustLimits, readDust } from "../../signs/Dust.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";

/** Who acts in `view`, with what is too little of theirs to be a price. */
export function actorsOf(context: AssetDrainContext, view: TxView, { cluster }: DrainSigns): Actors {
  const dust = readDust(reducedAssets(view, cluster), (reads) => context.readAll(reads));
  return blindActorsOf(context, cluster, dust);
}

/** The same where no state can be read: how much of a token is dust is not known then. */
export function blindActorsOf(
  context: AssetDrainContext,
  cluster: ReadonlySet<Address>,
  dust: DustLimits = new Map(),
): Actors {
  const isOwnToken = (asset: string) =>
    context.deployerOf(asset.split(":")[0] as Address)?.some((d) => cluster.has(d)) === true;
  return { cluster, dust, isOwnToken };
}
