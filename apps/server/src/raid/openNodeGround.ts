import { fetchBlock } from "@testudo/chain/block/fetchBundle";
import { fetchChainId } from "@testudo/chain/block/fetchChainId";
import { fetchHeader } from "@testudo/chain/block/fetchHeader";
import { fetchHeadNumber } from "@testudo/chain/block/fetchHeadNumber";
import { readHardfork } from "@testudo/chain/block/readHardfork";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openNodeState } from "@testudo/chain/state/openNodeState";
import type { StateSource } from "@testudo/core/model/Evm";
import type { Capsule } from "@testudo/lab/record/Capsule";
import { knownChains } from "@testudo/lab/record/chainRules";

/** State behind a node at one block: what a capsule says of it, without accounts, and who is asked for these. */
export interface NodeGround {
  readonly capsule: Capsule;
  readonly source: StateSource;
  close(): void;
}

// A search is worth waiting for longer than the head of a chain.
const timeoutMs = 30_000;

/**
 * The state after block `number` of the node at `rpc`, by default its newest, pinned to the hash that the block has now. Throws
 * `BlockUnknown`, or what the endpoint throws.
 */
export async function openNodeGround(rpc: string, number: bigint | undefined): Promise<NodeGround> {
  const endpoint = openEndpoint(rpc, { timeoutMs });
  try {
    const chainId = await fetchChainId(endpoint);
    const at = number ?? (await fetchHeadNumber(endpoint));
    const { ref } = await fetchBlock(endpoint, at, false);
    const { parentHash: _, ...block } = await fetchHeader(endpoint, ref.hash);
    const hardfork = await readHardfork(endpoint);
    const chain = knownChains[chainId];
    const capsule: Capsule = {
      name: `${chain ?? `chain-${chainId}`}-${at}`,
      chainId,
      ...(chain === undefined ? {} : { chain }),
      ...(hardfork === undefined ? {} : { hardfork }),
      block,
      accounts: new Map(),
    };
    return { capsule, source: openNodeState(endpoint, ref.hash), close: () => endpoint.close() };
  } catch (error) {
    endpoint.close();
    throw error;
  }
}
