import type { Address, Hex } from "@testudo/core/model/Hex";
import { type Abi, type AbiFunction, toFunctionSelector } from "viem";
import { fromHex } from "../bytes.ts";
import { gasOfCall, type Stage } from "./Stage.ts";

/** A function that says whether all is well: `echidna_…` gives true, `invariant_…` does not revert. */
export interface Property {
  readonly name: string;
  readonly to: Address;
  readonly selector: Hex;
  readonly kind: "echidna" | "invariant";
}

/** Properties among the functions of `abi`: those by name, without arguments. */
export function propertiesOf(to: Address, abi: Abi): Property[] {
  return abi
    .filter((item): item is AbiFunction => item.type === "function" && item.inputs.length === 0)
    .flatMap((item) => {
      const kind = kindOf(item);
      return kind === undefined ? [] : [{ name: item.name, to, selector: toFunctionSelector(item), kind }];
    });
}

/** What a function of a contract is called for: to be checked, or to be called like any other. */
export function isProperty({ name, inputs }: AbiFunction): boolean {
  return inputs.length === 0 && (name.startsWith("echidna_") || name.startsWith("invariant_") || name === "invariant");
}

function kindOf(item: AbiFunction): Property["kind"] | undefined {
  if (!isProperty(item)) return undefined;
  if (!item.name.startsWith("echidna_")) return "invariant";
  return item.outputs.length === 1 && item.outputs[0]!.type === "bool" ? "echidna" : undefined;
}

/** Adds the check of a property to the batch; gives its number. What it writes is taken back. */
export function addCheck({ batch }: Stage, { to, selector }: Property, from: Address, takesBack: "itself" | "batch"): number {
  const input = fromHex(selector);
  const index = batch.add({ from, to, gas: gasOfCall, inputLength: input.length, wantsOutput: true, takesBack });
  batch.input(index).set(input);
  return index;
}

/** Whether the check with this number in the batch says that the property holds. */
export function holds({ batch }: Stage, { kind }: Property, index: number): boolean {
  // What a harness did not mean to be checked says nothing.
  if (batch.isRejected(index)) return true;
  if (!batch.succeeded(index)) return false;
  const output = batch.output(index);
  if (kind === "echidna") return output.length === 32 && output[31] === 1;
  return batch.failedAssertions(index) === 0 && !(output.length === 32 && output.every((byte) => byte === 0));
}
