import { z } from "zod";
import type { DetectContext } from "../../model/Detector.ts";

/** What a deployment may set of the asset drain detector; shares are parts of 1. */
export interface AssetDrainParams {
  /** Share of a holding that may leave uncompensated in one transaction or block (Z1). */
  readonly thetaTx: number;
  /** Share that the same actors, with a sign, may take in parts within an hour (Z1). */
  readonly thetaHour: number;
  /** Share from which a gain of the actors counts as sourced from the holding (Z2). */
  readonly thetaGain: number;
  /** Share from which it counts that young actors with a loan keep what left and pay nothing for it. */
  readonly thetaKept: number;
  /** Share from which it is a sign that accounts without a past were paid (Z9). */
  readonly thetaFresh: number;
  /** Part of what left that the actors must keep for Z2. */
  readonly capture: number;
  /** A caller younger than this many blocks is young (Z3). */
  readonly youngBlocks: number;
  /** Blocks after which an asset that came in new may count as payment. */
  readonly customBlocks: number;
  /** Further contracts that act for everybody. */
  readonly infrastructure: readonly string[];
}

const share = z.number().positive().max(1);

/** Reads what a deployment sets. */
export const assetDrainParams = z
  .object({
    thetaTx: share,
    thetaHour: share,
    thetaGain: share,
    thetaKept: share,
    thetaFresh: share,
    capture: share,
    youngBlocks: z.number().int().positive().max(50_000),
    customBlocks: z.number().int().positive(),
    infrastructure: z.array(z.string().regex(/^0x[0-9a-f]{40}$/)),
  })
  .strict();

/** What the asset drain detector is handed for one block. */
export type AssetDrainContext = DetectContext<AssetDrainParams>;
