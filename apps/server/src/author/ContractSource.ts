// Types alone: names, arguments and results of contracts, inferred from their ABI without generated code (DET-03).

import type { Address, Hex } from "@testudo/core/model/Hex";
import type { At } from "@testudo/core/model/StateRead";
import type {
  Abi,
  AbiFunction,
  AbiParameter,
  AbiParametersToPrimitiveTypes,
  AbiParameterToPrimitiveType,
  ExtractAbiEvent,
  ExtractAbiEventNames,
  ExtractAbiFunction,
  ExtractAbiFunctionNames,
  ParseAbi,
} from "abitype";

/** A contract as its author writes it: where it lies, and what it can say. */
export interface ContractSource {
  /** Default: the protected addresses. "any": whoever emits the event, for tokens and pools. */
  readonly address?: Hex | readonly Hex[] | "any";
  /** JSON, or signatures as in Solidity: "event Withdraw(address indexed user, uint256 amount)". */
  readonly abi: Abi | readonly string[];
}

/** Contracts by the names that handlers use. */
export interface Contracts {
  readonly [name: string]: ContractSource;
}

export type AbiOf<S extends ContractSource> = S["abi"] extends readonly string[] ? ParseAbi<S["abi"]> : S["abi"];

type NameOf<C> = keyof C & string;

/** "Perp:Withdraw" for each event of each contract. */
export type EventKey<C extends Contracts> = {
  [N in NameOf<C>]: AbiOf<C[N]> extends infer A extends Abi ? `${N}:${ExtractAbiEventNames<A>}` : never;
}[NameOf<C>];

/** "Perp.withdraw" for each function of each contract, and "Perp.*" for any call. */
export type FunctionKey<C extends Contracts> = {
  [N in NameOf<C>]: AbiOf<C[N]> extends infer A extends Abi ? `${N}.${ExtractAbiFunctionNames<A> | "*"}` : never;
}[NameOf<C>];

/** Arguments by name; one without a name by its place. */
export type ArgsOf<Inputs extends readonly AbiParameter[]> = {
  readonly [K in keyof Inputs as K extends `${number}` ? KeyOf<Inputs[K], K> : never]: Inputs[K] extends AbiParameter
    ? ValueOf<Inputs[K]>
    : never;
};

type KeyOf<P, K> = P extends { readonly name: infer N extends string } ? (N extends "" ? K : N) : K;

// Of an indexed argument without fixed size the log holds a hash and not the value.
type ValueOf<P extends AbiParameter> = P extends { readonly indexed: true; readonly type: infer T }
  ? T extends "string" | "bytes" | "tuple" | `${string}]`
    ? Hex
    : AbiParameterToPrimitiveType<P, "outputs">
  : AbiParameterToPrimitiveType<P, "outputs">;

/** Arguments of the event that `K` names. */
export type EventArgs<C extends Contracts, K> = K extends `${infer N}:${infer E}`
  ? N extends NameOf<C>
    ? AbiOf<C[N]> extends infer A extends Abi
      ? E extends ExtractAbiEventNames<A>
        ? ArgsOf<ExtractAbiEvent<A, E>["inputs"]>
        : never
      : never
    : never
  : never;

/** Arguments of the function that `K` names; for "Perp.*" nothing is known. */
export type FrameArgs<C extends Contracts, K> = K extends `${infer N}.${infer F}`
  ? N extends NameOf<C>
    ? AbiOf<C[N]> extends infer A extends Abi
      ? F extends ExtractAbiFunctionNames<A>
        ? ArgsOf<ExtractAbiFunction<A, F>["inputs"]>
        : { readonly [name: string]: unknown } | undefined
      : never
    : never
  : never;

/** How a contract is read. */
export interface ReadOptions<R> {
  /** Default "block": after the block under judgement. */
  readonly at?: At;
  /**
   * Nothing stands for the state at `at`: where it cannot be had, the handler ends and is told, `or` or not. Without it a call or a
   * transaction is read at the ends of its transaction or block, where nobody executes that again.
   */
  readonly exact?: true;
  /** Which address, where the contract has several; default: the one that the event or call is of, else the first. */
  readonly of?: Address;
  /** Stands for the answer where the call reverts; without it a revert ends the handler and is told. */
  readonly or?: R;
}

type ResultOf<F extends AbiFunction> =
  AbiParametersToPrimitiveTypes<F["outputs"], "outputs"> extends infer R extends readonly unknown[]
    ? R extends readonly [infer Only]
      ? Only
      : R
    : never;

type ReadOf<F extends AbiFunction> = F["inputs"] extends readonly []
  ? (options?: ReadOptions<ResultOf<F>>) => ResultOf<F>
  : (args: AbiParametersToPrimitiveTypes<F["inputs"], "inputs">, options?: ReadOptions<ResultOf<F>>) => ResultOf<F>;

/** The views of each contract: `read.Perp.totalAssets({ at: "parent" })`, `read.Perp.balanceOf([account])`. */
export type Reads<C extends Contracts> = {
  readonly [N in NameOf<C>]: AbiOf<C[N]> extends infer A extends Abi
    ? { readonly [F in ExtractAbiFunctionNames<A, "view" | "pure">]: ReadOf<ExtractAbiFunction<A, F>> }
    : never;
};
