import type { Address } from "@testudo/core/model/Hex";
import type { Abi, AbiFunction } from "viem";
import { fromHex } from "../record/bytes.ts";
import type { Call } from "./Call.ts";
import { callableOf } from "./Callable.ts";
import type { Stage } from "./Stage.ts";

/** A function that says whether all is well: `echidna_…` gives true, `invariant_…` does not revert. */
export interface Property {
  readonly name: string;
  readonly kind: "echidna" | "invariant";
  /** The call that checks it. What it writes is to be taken back. */
  readonly check: Call;
}

/** Properties among the functions of a contract: those by name, without arguments. `from` checks them. */
export function propertiesOf(contract: string, to: Address, abi: Abi, from: Address): Property[] {
  return abi
    .filter((item): item is AbiFunction => item.type === "function" && item.inputs.length === 0)
    .flatMap((item) => {
      const kind = kindOf(item);
      if (kind === undefined) return [];
      const callable = callableOf(contract, to, item);
      const check: Call = { callable, from, value: 0n, seconds: 0, input: fromHex(callable.selector), places: [] };
      return [{ name: item.name, kind, check }];
    });
}

/** What a function of a contract is called for: to be checked, or to be called like any other. */
export function isProperty({ name, inputs }: AbiFunction): boolean {
  return inputs.length === 0 && (name.startsWith("echidna_") || name.startsWith("invariant_") || name === "invariant");
}

/** Functions that are named like properties and cannot be asked, a sentence each. */
export function unaskedIn(abi: Abi): readonly string[] {
  return abi
    .filter((item): item is AbiFunction => item.type === "function" && /^(echidna|invariant)_/.test(item.name))
    .filter((item) => kindOf(item) === undefined)
    .map(
      ({ name, inputs }) =>
        `${name} is not asked: ${inputs.length > 0 ? "it takes arguments" : "it does not give one bool"}.`,
    );
}

function kindOf(item: AbiFunction): Property["kind"] | undefined {
  if (!isProperty(item)) return undefined;
  if (!item.name.startsWith("echidna_")) return "invariant";
  return item.outputs.length === 1 && item.outputs[0]!.type === "bool" ? "echidna" : undefined;
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
