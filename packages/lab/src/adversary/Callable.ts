import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Abi, AbiFunction, AbiParameter } from "viem";
import { toFunctionSelector, toFunctionSignature } from "viem/utils";
import { fromHex } from "../record/bytes.ts";
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

/** A function known by its selector alone, with arguments as they are guessed to be. */
export function guessedCallable(
  to: Address,
  selector: Hex,
  inputs: readonly AbiParameter[],
  isPayable: boolean,
): Callable {
  const stateMutability = isPayable ? "payable" : "nonpayable";
  return {
    contract: to,
    to,
    abi: { type: "function", name: selector, inputs, outputs: [], stateMutability },
    inputs,
    selector,
    signature: `${selector}(${inputs.map(({ type }) => type).join()})`,
    isPayable,
    isView: false,
    fixed: inputs.some(isDynamic) ? undefined : fixedOf(selector, inputs),
  };
}

/** Code without a dispatcher, called with so many words and no selector. */
export function rawCallable(to: Address, words: number): Callable {
  const places = Array.from({ length: words }, (_, i): Place => ({ at: 32 * i, kind: "uint", bits: 256 }));
  const raw = guessedCallable(to, "0x", [], true);
  return { ...raw, signature: `raw(${words})`, fixed: { empty: new Uint8Array(32 * words), places } };
}

function fixedOf(selector: Hex, inputs: readonly AbiParameter[]): NonNullable<Callable["fixed"]> {
  const empty = new Uint8Array(4 + bytesOf(inputs));
  empty.set(fromHex(selector));
  return { empty, places: placesOf(inputs, empty) };
}
