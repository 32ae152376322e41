import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";

export interface Mined {
  readonly status: Hex;
  readonly transactionHash: Hex;
  readonly contractAddress: Address;
}

/** A local chain with accounts that have ether; `send` waits for the block. */
export interface AnvilNode {
  readonly endpoint: Endpoint;
  readonly accounts: readonly Address[];
  send(tx: object): Promise<Mined>;
  stop(): Promise<void>;
}

export async function openAnvilNode(args: readonly string[] = []): Promise<AnvilNode> {
  const anvil = await startAnvil({ args: [...args] });
  const endpoint = openEndpoint(anvil.url);
  const accounts = ((await endpoint.request("eth_accounts")) as Address[]).map(toLower);
  return {
    endpoint,
    accounts,
    send: async (tx) => (await endpoint.request("eth_sendTransactionSync", [tx])) as Mined,
    async stop() {
      endpoint.close();
      await anvil.stop();
    },
  };
}
