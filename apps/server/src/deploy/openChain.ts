import { fetchChainId } from "@testudo/chain/block/fetchChainId";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { type Fields, type Source, toBigint, toFields, toHash } from "@testudo/chain/wire/parseField";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import type { Place } from "../config/ConfigError.ts";
import { ConfigError } from "../config/ConfigError.ts";
import { openNode } from "../watch/openNode.ts";
import type { ReadAt } from "./readChain.ts";

/** The chain behind a node. */
export interface Chain {
  readonly endpoint: Endpoint;
  readonly chainId: number;
  /** Hash of block 0. */
  readonly genesis: Hex;
  /** A local node that hands out ether and keys: what is dangerous elsewhere may be tried there. */
  readonly isDevelopment: boolean;
}

/** Opens the node at `url`, which has to be on the file's chain. Throws ChainDiffers, or what the node throws. */
export async function openChain(url: string, chainId: number, place: Place): Promise<Chain> {
  const endpoint = await openNode(url);
  try {
    const found = await fetchChainId(endpoint);
    if (found !== chainId) throw new ChainDiffers(place, chainId, found);
    const [first, block] = await blockAt(endpoint, "0x0");
    const genesis = toHash(first, "hash", block.hash);
    return { endpoint, chainId, genesis, isDevelopment: await isDevelopment(endpoint, chainId) };
  } catch (error) {
    endpoint.close();
    throw error;
  }
}

/** The newest block, to read at, with `fromBlock` as the first that can hold something of the deployment. */
export async function headOf({ endpoint }: Chain, fromBlock: number): Promise<ReadAt & { readonly timestamp: bigint }> {
  const { hash, number, timestamp } = await headBlock(endpoint);
  return { blockHash: hash, blockNumber: number, timestamp, fromBlock: BigInt(fromBlock) };
}

/** The newest block. Throws RpcMalformed where the node has none. */
export async function headBlock(endpoint: Endpoint): Promise<BlockRef> {
  const [source, block] = await blockAt(endpoint, "latest");
  return {
    number: toBigint(source, "number", block.number),
    hash: toHash(source, "hash", block.hash),
    parentHash: toHash(source, "parentHash", block.parentHash),
    timestamp: toBigint(source, "timestamp", block.timestamp),
  };
}

// A node that serves no block 0, or lags behind its own head, answers null.
async function blockAt(endpoint: Endpoint, tag: string): Promise<readonly [Source, Fields]> {
  const source = { method: `eth_getBlockByNumber ${tag}`, endpoint: endpoint.label };
  return [source, toFields(source, "result", await endpoint.request("eth_getBlockByNumber", [tag, false]))];
}

// The id alone would not do: anybody can run a chain of value under 31337. Nor the client: anvil forks real chains.
async function isDevelopment(endpoint: Endpoint, chainId: number): Promise<boolean> {
  if (chainId !== 31_337 && chainId !== 1_337) return false;
  try {
    return /^(anvil|hardhat)/i.test(String(await endpoint.request("web3_clientVersion")));
  } catch {
    return false;
  }
}

/** The node is on another chain than the file says. */
export class ChainDiffers extends ConfigError {
  override readonly name = "ChainDiffers";
  constructor(place: Place, named: number, found: number) {
    super([
      {
        place,
        what: `names chainId ${named}, the node is on chain ${found}.`,
        allowed: "Both have to be the same chain.",
        wayOut: "Correct --chain or `chainId`.",
      },
    ]);
  }
}
