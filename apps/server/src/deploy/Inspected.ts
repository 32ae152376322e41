import type { Address } from "@testudo/core/model/Hex";
import type { Place } from "../config/ConfigError.ts";
import type { Deployment } from "./Deployment.ts";
import type { Chain } from "./openChain.ts";

/** What is looked at: the checked file, the chain, and who would deploy what where. */
export interface Inspected {
  readonly chain: Chain;
  readonly deployment: Deployment;
  readonly deployer: Address;
  readonly addressOf: (contract: string) => Address;
  readonly placeOf: (path: readonly PropertyKey[]) => Place;
}

/** Says what is wrong at a place of the file. */
export type Complain = (path: readonly PropertyKey[], what: string, allowed: string, wayOut: string) => void;
