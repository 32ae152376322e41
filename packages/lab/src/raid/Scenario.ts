import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Abi } from "viem";
import type { Callable } from "../adversary/Callable.ts";

/** What an attacker finds and may do: declared, so that a finding says what it takes (LAB-30). */
export interface Scenario {
  /** What he may call. */
  readonly contracts: readonly KnownContract[];
  /** What counts as value. */
  readonly assets: readonly Asset[];
  /** Accounts of his own; each has the capital of every asset. */
  readonly accounts: number;
  /** Addresses in whose name he may call: stolen keys. */
  readonly keys: readonly Address[];
  /** What others do when he wants it, or when he waits for it. */
  readonly powers: readonly Power[];
  /** What guardians do against him, whether he wants it or not. */
  readonly guardians: readonly Reaction[];
  /** Whose loss it would be, and other addresses worth naming. */
  readonly addresses: readonly Address[];
  /** Identifiers worth naming, such as markets. */
  readonly words: readonly Hex[];
  /** Most seconds that he waits at once. */
  readonly mostSeconds: number;
  /** What must not happen, besides his gain. */
  readonly figures: readonly Figure[];
}

export interface KnownContract {
  readonly name: string;
  readonly address: Address;
  readonly abi: Abi;
  /** What of it may be called, where the ABI does not say. */
  readonly callables?: readonly Callable[];
}

/** A token, or the native coin without an address. */
export interface Asset {
  readonly name: string;
  readonly token?: Address;
  readonly decimals: number;
  /** Of a whole one, in the unit of account, WAD. */
  readonly priceWad: bigint;
  /** What each account begins with, in the smallest unit: his own, or lent for as long as no time passes. */
  readonly capital: bigint;
}

export interface OthersCall {
  readonly from: Address;
  readonly to: Address;
  readonly input: Hex;
}

/** Calls of others, one after the other. */
export interface Deed {
  readonly name: string;
  readonly calls: readonly OthersCall[];
}

/** A pause, or whatever else stops an attack under way. */
export interface Reaction extends Deed {
  /** Seconds after his first call. */
  readonly after: number;
}

/** A keeper's price, an honest deposit, a move of the market. */
export interface Power extends Deed {
  /** Seconds that pass before it. */
  readonly seconds: number;
  /** What it costs him to bring it about, in the unit of account, WAD. */
  readonly costWad: bigint;
}

/** A number of the state with a limit: a share's price, bad debt, an invariant that is 1 while it holds. */
export interface Figure {
  readonly name: string;
  readonly to: Address;
  readonly input: Hex;
  /** Number of the word in the answer. */
  readonly word: number;
  readonly breaks: { readonly above: bigint } | { readonly below: bigint };
}
