import type { Address, Hex } from "@testudo/core/model/Hex";
import { type Abi, type AbiFunction, type AbiParameter, toFunctionSelector, toFunctionSignature } from "viem";
import { fromHex } from "../bytes.ts";
import { bytesOf, isDynamic, type Place, placesOf } from "./Place.ts";

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
  /** It promises to change nothing. */
  readonly isView: boolean;
  /** Call data with zeros for all arguments and where they stand, if that is the same whatever is given. */
  readonly fixed: { readonly empty: Uint8Array; readonly places: readonly Place[] } | undefined;
}

/** Functions of `abi`, at `to`; those that change nothing among them, since an assertion may stand in any. */
export function callablesOf(contract: string, to: Address, abi: Abi): Callable[] {
  return abi
    .filter((item): item is AbiFunction => item.type === "function")
    .map((item) => callableOf(contract, to, item));
}

export function callableOf(contract: string, to: Address, abi: AbiFunction): Callable {
  const selector = toFunctionSelector(abi);
  return {
    contract,
    to,
    abi,
    inputs: abi.inputs,
    selector,
    signature: toFunctionSignature(abi),
    isPayable: abi.stateMutability === "payable",
    isView: abi.stateMutability === "view" || abi.stateMutability === "pure",
    fixed: abi.inputs.some(isDynamic) ? undefined : fixedOf(selector, abi.inputs),
  };
}

function fixedOf(selector: Hex, inputs: readonly AbiParameter[]): NonNullable<Callable["fixed"]> {
  const empty = new Uint8Array(4 + bytesOf(inputs));
  empty.set(fromHex(selector));
  return { empty, places: placesOf(inputs, empty) };
}
