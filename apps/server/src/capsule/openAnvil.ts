import type { EvmBlock, StateSource } from "@testudo/core/model/Evm";
import type { Peer } from "@testudo/lab/capsule/confirmOn";
import { type NodeEvm, openNodeEvm } from "@testudo/lab/engine/openNodeEvm";
import { startAnvilNode } from "./startAnvilNode.ts";

/** Opens anvil, as a child process, on `source`, in the block `block`. The caller closes it. PREVRANDAO is anvil's own. */
export function openAnvil(source: StateSource, block: EvmBlock): Promise<NodeEvm> {
  return openNodeEvm(startAnvilNode, source, block);
}

/** anvil, to confirm on. It is there wherever Testudo is, and takes large transactions a third of EDR's time. */
export const anvilPeer: Peer = { name: "anvil", open: openAnvil };
