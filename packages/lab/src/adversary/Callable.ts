import type { Address, Hex } from "@testudo/core/model/Hex";
import { type Abi, type AbiFunction, type AbiParameter, toFunctionSelector, toFunctionSignature } from "viem";
import { isDynamic } from "./Place.ts";

/** A function that a search may call. */
export interface Callable {
  readonly contract: string;
  readonly to: Address;
  readonly abi: AbiFunction;
  readonly inputs: readonly AbiParameter[];
  readonly selector: Hex;
  /** Such as `deposit(uint256,address)`. */
  readonly signature: string;
  readonly isPayable: boolean;
  /** Its call data has the same length whatever is given. */
  readonly isFixed: boolean;
}

/** Functions of `abi` that may change state, at `to`. */
export function callablesOf(contract: string, to: Address, abi: Abi): Callable[] {
  return abi
    .filter((item): item is AbiFunction => item.type === "function")
    .filter(({ stateMutability }) => stateMutability !== "view" && stateMutability !== "pure")
    .map((item) => callableOf(contract, to, item));
}

export function callableOf(contract: string, to: Address, abi: AbiFunction): Callable {
  return {
    contract,
    to,
    abi,
    inputs: abi.inputs,
    selector: toFunctionSelector(abi),
    signature: toFunctionSignature(abi),
    isPayable: abi.stateMutability === "payable",
    isFixed: !abi.inputs.some(isDynamic),
  };
}
