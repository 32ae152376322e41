import type { EvmBlock, StateSource } from "@testudo/core/model/Evm";
import { type NodeEvm, openNodeEvm } from "./openNodeEvm.ts";
import { startEdr } from "./startEdr.ts";

/** Opens EDR on `source`, in the block `block`. The caller closes it. Throws `EdrMissing`, or `RulesUnknownToEdr`. */
export function openEdr(source: StateSource, block: EvmBlock): Promise<NodeEvm> {
  return openNodeEvm(startEdr, source, block);
}
