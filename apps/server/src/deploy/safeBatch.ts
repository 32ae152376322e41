import { timelock } from "@testudo/contracts";
import type { Address } from "@testudo/core/model/Hex";
import type { AbiFunction, AbiParameter } from "viem";
import { decodeFunctionData, encodeFunctionData, getAbiItem } from "viem/utils";
import type { Due } from "./settle.ts";

/**
 * `calls` of the timelock as a file that the Transaction Builder of a Safe imports. Each has its function and arguments in
 * the place of its bytes: the builder shows a call that has bytes as bytes, and encodes one that has none itself.
 */
export function safeBatch(chainId: number, safe: Address, name: string, calls: readonly Due[]): string {
  const batch = {
    version: "1.0",
    chainId: String(chainId),
    createdAt: 0,
    meta: {
      name,
      description: calls.map(({ what }) => what).join("\n"),
      createdFromSafeAddress: safe,
    },
    transactions: calls.map((call) => ({ to: call.to, value: "0", ...(methodOf(call) ?? rawOf(call)) })),
  };
  return `${JSON.stringify(batch, null, 2)}\n`;
}

// What would not come out as the same bytes is given as the bytes.
function methodOf({ data }: Due) {
  try {
    const { functionName, args = [] } = decodeFunctionData({ abi: timelock.abi, data });
    const item = getAbiItem({ abi: timelock.abi, name: functionName, args } as never) as AbiFunction;
    if (encodeFunctionData({ abi: [item], functionName, args }) !== data) return undefined;
    const contractMethod = {
      name: functionName,
      payable: item.stateMutability === "payable",
      inputs: item.inputs.map(({ name = "", type, internalType = type }) => ({ name, type, internalType })),
    };
    return { data: null, contractMethod, contractInputsValues: valuesOf(item.inputs, args) };
  } catch {
    return undefined;
  }
}

function rawOf({ data }: Due) {
  return { data, contractMethod: null, contractInputsValues: null };
}

function valuesOf(inputs: readonly AbiParameter[], args: readonly unknown[]): Readonly<Record<string, string>> {
  return Object.fromEntries(inputs.map(({ name = "" }, i) => [name, textOf(args[i])]));
}

// As a person types it into the builder: numbers bare, in lists too, and bytes quoted in lists alone.
function textOf(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return `[${value.map((item) => (typeof item === "string" ? `"${item}"` : textOf(item))).join(",")}]`;
}
