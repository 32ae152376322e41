import type { Hex } from "@testudo/core/model/Hex";
import { fetchBlock } from "../block/fetchBundle.ts";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import type { Block } from "../wire/parseBlock.ts";
import { randomContract } from "./randomContract.testkit.ts";

/** Has an anvil that mines on demand make `count` blocks, in each of which `each` random contracts are made and older ones called. */
export async function mineRandom(
  node: Endpoint,
  { count, each }: { readonly count: number; readonly each: number },
): Promise<Block[]> {
  const [from] = (await node.request("eth_accounts")) as Hex[];
  const known: Hex[] = [from!, `0x${"0".repeat(39)}1`, `0x${"0".repeat(39)}4`];
  let nonce = 0;
  const send = (tx: object) =>
    node.request("eth_sendTransaction", [
      { from, gas: "0xf4240", gasPrice: "0x77359400", nonce: `0x${(nonce++).toString(16)}`, ...tx },
    ]) as Promise<Hex>;
  for (let block = 0; block < count; block++) {
    const made: Hex[] = [];
    for (let i = 0; i < each; i++) {
      made.push(await send({ data: randomContract(block * each + i, known), value: "0x64" }));
      if (known.length > 3)
        await send({ to: known.at(-1 - (i % (known.length - 3)))!, value: "0x7", data: "0xa9059cbb" });
    }
    await node.request("evm_mine");
    for (const hash of made) {
      const receipt = (await node.request("eth_getTransactionReceipt", [hash])) as {
        readonly status: Hex;
        readonly contractAddress: Hex;
      };
      if (receipt.status === "0x1") known.push(receipt.contractAddress.toLowerCase() as Hex);
    }
  }
  return Promise.all(Array.from({ length: count }, (_, i) => fetchBlock(node, BigInt(i + 1), true)));
}
