import type { Now } from "../../signs/DrainSign.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";
import { infrastructureOf } from "./infrastructureOf.ts";

/** What the signs of a drain need to know of the block and of who made what. */
export function nowOf(context: AssetDrainContext): Now {
  const { block, params, creationOf, deployerOf } = context;
  const { youngBlocks } = params;
  return {
    block: Number(block.ref.number),
    youngBlocks,
    infrastructure: infrastructureOf(context),
    creationOf,
    deployerOf,
  };
}
