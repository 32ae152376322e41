import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { toBytes } from "@testudo/chain/wire/parseField";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Abi } from "viem";
import { decodeFunctionResult, encodeFunctionData } from "viem/utils";

/** Whether a contract stands at `address`. */
export async function hasCode(endpoint: Endpoint, address: Address): Promise<boolean> {
  return (await codeOf(endpoint, address)) !== "0x";
}

/** The code at `address`; `0x` where there is none. */
export async function codeOf(endpoint: Endpoint, address: Address): Promise<Hex> {
  const source = { method: "eth_getCode", endpoint: endpoint.label };
  return toBytes(source, "result", await endpoint.request("eth_getCode", [address, "latest"]));
}

/** What a function answers; undefined where the contract reverts or answers something else. */
export async function ask<T>(
  endpoint: Endpoint,
  to: Address,
  abi: Abi,
  functionName: string,
  args: readonly unknown[] = [],
): Promise<T | undefined> {
  const data = encodeFunctionData({ abi, functionName, args });
  const [answer] = await endpoint.batch([{ method: "eth_call", params: [{ to, data }, "latest"] }]);
  if (!answer!.ok) return undefined;
  try {
    return decodeFunctionResult({ abi, functionName, data: answer!.result as Hex }) as T;
  } catch {
    return undefined;
  }
}

/** ERC-1967: keccak256("eip1967.proxy.implementation") - 1. */
export const implementationSlot = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";

/** What an ERC-1967 proxy at `address` delegates to; zero where it is none. */
export async function implementationOf(endpoint: Endpoint, address: Address): Promise<Address> {
  const source = { method: "eth_getStorageAt", endpoint: endpoint.label };
  const slot = await endpoint.request("eth_getStorageAt", [address, implementationSlot, "latest"]);
  return `0x${toBytes(source, "result", slot).slice(2).padStart(40, "0").slice(-40)}`;
}
