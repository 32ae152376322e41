import type { EvmBlock, StateSource } from "@testudo/core/model/Evm";
import type { Peer } from "./confirmOn.ts";
import { type NodeEvm, openNodeEvm } from "./openNodeEvm.ts";
import { startEdr } from "./startEdr.ts";

/** Opens EDR on `source`, in the block `block`. The caller closes it. Throws `EdrMissing`, or `RulesUnknownToEdr`. */
export function openEdr(source: StateSource, block: EvmBlock): Promise<NodeEvm> {
  return openNodeEvm(startEdr, source, block);
}

/** EDR, to confirm on. */
export const edrPeer: Peer = { name: "EDR", open: openEdr };
