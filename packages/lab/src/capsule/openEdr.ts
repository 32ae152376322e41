import type { EvmBlock, StateSource } from "@testudo/core/model/Evm";
import { type NodeEvm, openNodeEvm } from "../engine/openNodeEvm.ts";
import { startEdr } from "../engine/startEdr.ts";
import type { Peer } from "./confirmOn.ts";

/** Opens EDR on `source`, in the block `block`. The caller closes it. Throws `EdrMissing`, or `RulesUnknownToEdr`. */
export function openEdr(source: StateSource, block: EvmBlock): Promise<NodeEvm> {
  return openNodeEvm(startEdr, source, block);
}

/** EDR, to confirm on. */
export const edrPeer: Peer = { name: "EDR", open: openEdr };
