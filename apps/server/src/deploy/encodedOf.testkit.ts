// What the Transaction Builder of a Safe makes of a transaction that is given as function and arguments.
import type { Hex } from "@testudo/core/model/Hex";
import type { AbiFunction } from "viem";
import { encodeFunctionData } from "viem/utils";

interface Given {
  readonly data: Hex | null;
  readonly contractMethod: { readonly name: string; readonly payable: boolean; readonly inputs: AbiFunction["inputs"] };
  readonly contractInputsValues: Readonly<Record<string, string>>;
}

/** The bytes of `given`: its own, or its arguments read as they are typed there and encoded. */
export function encodedOf({ data, contractMethod, contractInputsValues }: Given): Hex {
  if (data !== null) return data;
  const { name, inputs, payable } = contractMethod;
  const item: AbiFunction = {
    type: "function",
    name,
    inputs,
    outputs: [],
    stateMutability: payable ? "payable" : "nonpayable",
  };
  const args = inputs.map((input) => {
    const text = contractInputsValues[input.name!]!;
    if (text.startsWith("[")) return JSON.parse(text);
    return input.type.startsWith("uint") ? BigInt(text) : text;
  });
  return encodeFunctionData({ abi: [item], functionName: name, args });
}
