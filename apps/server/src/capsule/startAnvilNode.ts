import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { RpcRefused } from "@testudo/chain/rpc/RpcError";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { type DevNode, DevNodeRefused, type NodeOrigin } from "@testudo/lab/engine/DevNode";

// A transaction of a billion gas takes it half a minute with its trace.
const timeoutMs = 300_000;

/** Starts anvil on `origin`, for the engine that the lab makes of it. */
export async function startAnvilNode({ url, block, hardfork, isUnbounded }: NodeOrigin): Promise<DevNode> {
  const anvil = await startAnvil({
    forkUrl: url,
    forkBlock: block.number - 1n,
    chainId: block.chainId,
    noMining: true,
    // It gives its own accounts money, whatever they have where it forks from.
    accounts: 0,
    args: [
      ...["--hardfork", hardfork, "--order", "fifo", "--no-storage-caching", "--no-rate-limit", "--retries", "0"],
      ...["--disable-code-size-limit", "--disable-min-priority-fee"],
      // GASLIMIT is 2^64 - 1 then.
      ...(isUnbounded ? ["--disable-block-gas-limit"] : []),
    ],
  });
  const endpoint = openEndpoint(anvil.url, { label: "anvil", timeoutMs });
  return {
    async request(method, params) {
      try {
        return await endpoint.request(method, params);
      } catch (error) {
        if (error instanceof RpcRefused) throw new DevNodeRefused(method, error.said);
        throw error;
      }
    },
    async close() {
      endpoint.close();
      await anvil.stop();
    },
    keepsNonces: false,
  };
}
