import { publicInfrastructure } from "../../model/ActorCluster.ts";
import type { Address } from "../../model/Hex.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";

/** Contracts that act for everybody: the known ones and those that the deployment names. */
export function infrastructureOf({ params }: AssetDrainContext): ReadonlySet<Address> {
  if (params.infrastructure.length === 0) return publicInfrastructure;
  return new Set([...publicInfrastructure, ...(params.infrastructure as Address[])]);
}
