// What the values of a plan are drawn from.
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { AbiParameter } from "viem";
import { type Callable, callablesOf } from "../adversary/Callable.ts";
import type { Chance } from "../adversary/Chance.ts";
import type { Dictionary } from "../adversary/Dictionary.ts";
import type { KnownContract, Scenario } from "./Scenario.ts";

export interface Pools {
  readonly chance: Chance;
  readonly scenario: Scenario;
  /** Addresses of his accounts, and behind them those of the keys. */
  readonly actors: readonly Address[];
  /** What changes something. */
  readonly callables: readonly Callable[];
  /** What answers with a number, an address or an identifier. */
  readonly views: readonly View[];
  readonly addresses: readonly Address[];
  readonly words: readonly Hex[];
  readonly dictionary: Dictionary;
  /** How often each function went through. */
  readonly successes: Map<Callable, number>;
  /** A number that no move had yet. */
  nextId(): number;
}

/** A word of what a view answers. */
export interface View {
  readonly callable: Callable;
  readonly word: number;
  readonly name: string;
  readonly type: string;
}

/** All that may be called of a contract. */
export const callablesAt = ({ name, address, abi, callables }: KnownContract): readonly Callable[] =>
  callables ?? callablesOf(name, address, abi);

/** Functions that change something, without those that a plan has no use for. */
export function callablesIn({ contracts }: Scenario): Callable[] {
  return contracts.flatMap(callablesAt).filter(({ isView, abi }) => !isView && abi.name !== "approve");
}

export function viewsIn({ contracts }: Scenario): View[] {
  return contracts
    .flatMap(({ name, address, abi }) => callablesOf(name, address, abi))
    .filter(({ isView, inputs }) => isView && inputs.every(({ type }) => /^(address|bytes32|uint256)$/.test(type)))
    .flatMap(wordsOf);
}

const oneWord = /^(address|bool|bytes32|u?int\d*)$/;

/** Words of the answer up to the first that has no fixed place. */
function wordsOf(callable: Callable): View[] {
  const views: View[] = [];
  const add = (outputs: readonly AbiParameter[]): boolean =>
    outputs.every((output) => {
      if (output.type === "tuple" && "components" in output) return add(output.components as readonly AbiParameter[]);
      if (!oneWord.test(output.type)) return false;
      views.push({ callable, word: views.length, name: output.name ?? "", type: output.type });
      return true;
    });
  add(callable.abi.outputs);
  return views.filter(({ type }) => type !== "bool");
}
