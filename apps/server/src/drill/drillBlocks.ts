import type { Endpoint } from "@testudo/chain/rpcEndpoint";
import type { Hex } from "@testudo/core/model/Hex";

/** Seconds from one block of the defended chain to the next. */
export const blockSeconds = 2;

/** Lets the chain mine by itself, a block every `seconds`. */
export async function mineEvery(endpoint: Endpoint, seconds: number): Promise<void> {
  await endpoint.request("evm_setIntervalMining", [seconds]);
}

/** Number of the chain's latest block. */
export async function blockNumber(endpoint: Endpoint): Promise<bigint> {
  return BigInt((await endpoint.request("eth_blockNumber")) as Hex);
}

/** Waits for the block after the latest one. */
export async function nextBlock(endpoint: Endpoint): Promise<void> {
  const before = await blockNumber(endpoint);
  while ((await blockNumber(endpoint)) === before) await new Promise((resolve) => setTimeout(resolve, 50));
}
