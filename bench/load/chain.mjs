// The load: a local chain with a fixed traffic, the same for every contender.
import { fileURLToPath } from "node:url";
import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { compile } from "@testudo/contracts/compile";
import { encodeAbiParameters, encodeFunctionData } from "viem";

const source = fileURLToPath(new URL("Treasury.sol", import.meta.url));
// Two epochs of 32 slots, after which a node calls a block final.
const finalBlocks = 66;
const supply = 10n ** 24n;

/** Starts anvil and deploys the token and the treasury that holds its supply. The caller stops `anvil`. */
export async function startLoad() {
  const { Token, Treasury } = compile([source]);
  const anvil = await startAnvil({ noMining: true, timestamp: 1_700_000_000, chainId: 31_337 });
  const node = openEndpoint(anvil.url);
  const senders = await node.request("eth_accounts");
  const [owner] = senders;
  const token = await deploy(node, owner, Token.bytecode);
  const argument = encodeAbiParameters([{ type: "address" }], [token]);
  const treasury = await deploy(node, owner, `${Treasury.bytecode}${argument.slice(2)}`);
  const call = (functionName, args) => encodeFunctionData({ abi: Treasury.abi, functionName, args });
  const mint = (amount) => encodeFunctionData({ abi: Token.abi, functionName: "mint", args: [treasury, amount] });
  await mineBlock(node, [{ from: owner, to: token, data: mint(supply) }]);
  return { anvil, node, senders, token, treasury, call, mint };
}

/** Makes `blocks` blocks of `txs` transactions with five transfers each. Returns the first and last block number. */
export async function makeTraffic({ node, senders, treasury, call }, blocks, txs) {
  const from = Number(await node.request("eth_blockNumber")) + 1;
  for (let block = 0; block < blocks; block++) {
    const calls = senders
      .slice(0, txs)
      .map((sender, i) => ({ from: sender, to: treasury, data: call("pay", [BigInt(block * txs + i)]) }));
    await mineBlock(node, calls);
  }
  const to = Number(await node.request("eth_blockNumber"));
  // A back-scan is of final blocks: whoever treats the newest ones otherwise would be measured on two things.
  await node.request("anvil_mine", [`0x${finalBlocks.toString(16)}`]);
  return { from, to };
}

/** Puts `txs` into one block. */
export async function mineBlock(node, txs) {
  const calls = txs.map((tx) => ({
    method: "eth_sendTransaction",
    params: [{ gas: "0xf4240", gasPrice: "0x77359400", ...tx }],
  }));
  for (const answer of await node.batch(calls)) if (!answer.ok) throw answer.error;
  const sentAtMs = Date.now();
  await node.request("evm_mine");
  return sentAtMs;
}

async function deploy(node, from, data) {
  const hash = await node.request("eth_sendTransaction", [{ from, data, gas: "0x2dc6c0", gasPrice: "0x77359400" }]);
  await node.request("evm_mine");
  return (await node.request("eth_getTransactionReceipt", [hash])).contractAddress.toLowerCase();
}
