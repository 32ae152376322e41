import { circuitBreaker, guardianCouncil } from "@testudo/contracts";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Signer } from "@testudo/core/model/Signer";
import type { TypedDataDefinition } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { encodeDeployData, getContractAddress } from "viem/utils";
import { anvilKey } from "../fork/anvilAccount.ts";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";

/** Keys of a local chain, known to everybody. */
export const keys: readonly Hex[] = [0, 1, 2, 3].map((index) => anvilKey(index));

/** A signer over a plain key. */
export function signerOf(key: Hex): Signer {
  const account = privateKeyToAccount(key);
  return {
    address: account.address.toLowerCase() as Address,
    signTypedData: (message) => account.signTypedData(message as unknown as TypedDataDefinition),
    signTransaction: (transaction) => account.signTransaction({ type: "eip1559", ...transaction }),
  };
}

/** Deploys a breaker that guards `selector` of `target` for a council of `members`, two of whom may pause. */
export async function deployCouncil(
  node: Endpoint,
  members: readonly Address[],
  target: Address,
  selector: Hex,
): Promise<{ breaker: Address; council: Address }> {
  const [, , , , , from] = (await node.request("eth_accounts")) as Address[];
  const nonce = Number(await node.request("eth_getTransactionCount", [from, "latest"]));
  const [breaker, council] = [nonce, nonce + 1].map(
    (n) => getContractAddress({ from: from!, nonce: BigInt(n) }).toLowerCase() as Address,
  );
  const timelock = from!;
  const config = {
    targets: [{ target, inlined: false, guarded: [selector], exempt: [] }],
    groups: [],
    trippers: [],
    programs: [],
  };
  const creations = [
    encodeDeployData({ ...circuitBreaker, args: [council!, timelock, config] }),
    encodeDeployData({ ...guardianCouncil, args: [breaker!, timelock, timelock, members, 2, 3, 3] }),
  ];
  for (const data of creations) {
    await node.request("eth_sendTransaction", [{ from, data, gas: "0xf00000" }]);
    await node.request("evm_mine");
  }
  return { breaker: breaker!, council: council! };
}
