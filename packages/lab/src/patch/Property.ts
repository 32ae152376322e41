// Properties of a protocol in Solidity: functions of a contract that is put beside it on a copy and asked there.
import { propertyReader } from "@testudo/contracts";
import { createdAddress } from "@testudo/core/model/createdAddress";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { AbiFunction } from "viem";
import { encodeDeployData, encodeFunctionData, toFunctionSelector } from "viem/utils";
import type { CompiledContract } from "../adversary/deployTarget.ts";
import { examiner } from "./ourAccounts.ts";

/** A contract that tells properties, ready to be put beside the victims. */
export interface PropertyBook {
  readonly contract: string;
  /** Creations by the examiner, in this order: the contract, and who reads its answers as 1 or 0. */
  readonly creations: readonly Hex[];
  readonly properties: readonly Property[];
  /** Functions that are called like properties and take arguments: nobody knows which to give. */
  readonly unasked: readonly string[];
}

/** A property, and the question that is answered by 1 while it holds. */
export interface Property {
  readonly name: string;
  readonly to: Address;
  readonly input: Hex;
}

/** Where the examiner's first two creations stand. */
const [book, reader] = [createdAddress(examiner, 0), createdAddress(examiner, 1)];

/** Whether a function is called like a property. */
export const isPropertyName = (name: string): boolean => /^(check_|echidna_|invariant_|invariant$)/.test(name);

/**
 * The properties of `contract`: functions without arguments that are named `echidna_…` (holds where it says true), `check_…` or
 * `invariant_…` (holds where it does not revert and does not say false). Its constructor takes nothing, or addresses: it is
 * given `victims` in their order. Throws `NotProperties`.
 */
export function propertiesOf(contract: CompiledContract, victims: readonly Address[]): PropertyBook {
  const { name, abi, creation } = contract;
  const functions = abi.filter((item): item is AbiFunction => item.type === "function" && isPropertyName(item.name));
  const asked = functions.filter(({ inputs }) => inputs.length === 0);
  if (asked.length === 0) throw new NotProperties(name, "it has no function without arguments that is named so");
  if (creation === "0x") throw new NotProperties(name, "it is abstract, or an interface");
  return {
    contract: name,
    creations: [deployData(contract, victims), propertyReader.bytecode],
    properties: asked.map((item) => ({ name: `${name}.${item.name}`, to: reader, input: questionOf(item) })),
    unasked: functions.filter(({ inputs }) => inputs.length > 0).map((item) => `${name}.${item.name}`),
  };
}

function questionOf(item: AbiFunction): Hex {
  const args = [book, toFunctionSelector(item), item.name.startsWith("echidna_")] as const;
  return encodeFunctionData({ abi: propertyReader.abi, functionName: "holds", args });
}

function deployData({ name, abi, creation }: CompiledContract, victims: readonly Address[]): Hex {
  const inputs = abi.find((item) => item.type === "constructor")?.inputs ?? [];
  if (inputs.some(({ type }) => type !== "address"))
    throw new NotProperties(name, `its constructor takes ${inputs.map(({ type }) => type).join(", ")}`);
  if (inputs.length > victims.length)
    throw new NotProperties(
      name,
      `its constructor takes ${inputs.length} addresses, and ${victims.length} are victims`,
    );
  return encodeDeployData({ abi, bytecode: creation, args: victims.slice(0, inputs.length) });
}

/** A contract tells no properties that can be asked beside the victims. Not retryable. */
export class NotProperties extends Error {
  override readonly name = "NotProperties";
  constructor(contract: string, why: string) {
    super(
      [
        `"${contract}" tells no properties: ${why}.`,
        "- Properties are functions without arguments named check_…, invariant_… or echidna_…; a constructor may take the victims' addresses.",
        "- Name another contract of the file: FILE.sol:CONTRACT.",
      ].join("\n"),
    );
  }
}
