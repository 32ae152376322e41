import { publicInfrastructure } from "../../model/ActorCluster.ts";
import type { Address } from "../../model/Hex.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";

/** Contracts that act for everybody: the known ones and those that the deployment names. */
export function infrastructureOf(context: AssetDrainContext): Set<Address> {
  return new Set([...publicInfrastructure, ...(context.params.infrastructure as Address[])]);
}
