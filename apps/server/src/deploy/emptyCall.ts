import { zeroAddress } from "@testudo/core/model/Asset";
import type { Hex } from "@testudo/core/model/Hex";
import type { AbiFunction, AbiParameter } from "viem";
import { encodeFunctionData, parseAbiItem } from "viem/utils";

/** A call of the function `signature` with zeros and empty lists. */
export function emptyCall(signature: string): Hex {
  const item = parseAbiItem(`function ${signature}`) as AbiFunction;
  return encodeFunctionData({ abi: [item], functionName: item.name, args: item.inputs.map(emptyOf) });
}

function emptyOf(parameter: AbiParameter): unknown {
  const [, inner, size] = /^(.*)\[(\d*)\]$/.exec(parameter.type) ?? [];
  if (inner !== undefined)
    return Array.from({ length: Number(size) }, () => emptyOf({ ...parameter, type: inner } as AbiParameter));
  const { type } = parameter;
  if (type === "tuple") return (parameter as { readonly components: readonly AbiParameter[] }).components.map(emptyOf);
  if (type === "address") return zeroAddress;
  if (type === "bool") return false;
  if (type === "string") return "";
  if (type.startsWith("bytes")) return `0x${"00".repeat(Number(type.slice(5)))}`;
  return 0n;
}
