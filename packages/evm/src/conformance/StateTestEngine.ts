// What the conformance run asks of an engine: one transaction on one state, and the whole state after it.
import type { Fork } from "../fork.ts";

/** An address as `0x` and 40 lower-case digits. */
export type AddressHex = string;

/** An account as the suite states it. Slots that hold zero may be left out. */
export interface StateAccount {
  readonly balance: bigint;
  readonly nonce: bigint;
  readonly code: Uint8Array;
  readonly storage: ReadonlyMap<bigint, bigint>;
}

/** A whole state. It may hold accounts that are empty: a state test may begin with some. */
export type StateAccounts = ReadonlyMap<AddressHex, StateAccount>;

export interface StateTestBlock {
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly gasLimit: bigint;
  readonly baseFeePerGas: bigint;
  readonly coinbase: AddressHex;
  readonly prevRandao: Uint8Array;
  readonly excessBlobGas: bigint;
}

/**
 * A delegation of EIP-7702. `authority` is whom its signature names, undefined where the signature names nobody, so that
 * the entry is charged for and otherwise skipped. `signature` is what the test gives, for engines that recover by themselves.
 */
export interface StateTestAuthorization {
  readonly chainId: bigint;
  readonly address: AddressHex;
  readonly nonce: bigint;
  readonly authority: AddressHex | undefined;
  readonly signature?: { readonly yParity: bigint; readonly r: bigint; readonly s: bigint };
}

/**
 * A transaction. Its kind is told by what is there: `authorizationList` EIP-7702, `blobVersionedHashes` EIP-4844,
 * `maxFeePerGas` EIP-1559, `accessList` EIP-2930, else legacy; a list that is there and empty counts. `to` is null for a
 * creation. Each number fits its field on the wire (256 bits; nonce and gas 64).
 */
export interface StateTestTransaction {
  readonly from: AddressHex;
  readonly to: AddressHex | null;
  readonly value: bigint;
  readonly input: Uint8Array;
  readonly gas: bigint;
  readonly nonce: bigint;
  readonly gasPrice?: bigint;
  readonly maxFeePerGas?: bigint;
  readonly maxPriorityFeePerGas?: bigint;
  readonly accessList?: readonly { readonly address: AddressHex; readonly storageKeys: readonly bigint[] }[];
  readonly blobVersionedHashes?: readonly Uint8Array[];
  readonly maxFeePerBlobGas?: bigint;
  readonly authorizationList?: readonly StateTestAuthorization[];
}

export interface StateTestRun {
  readonly fork: Fork;
  readonly chainId: bigint;
  readonly block: StateTestBlock;
  /** Hash of any older block; which of them BLOCKHASH may see is the engine's to know. */
  readonly blockHash: (number: bigint) => Uint8Array;
  /** Shared between runs: never written to. */
  readonly pre: StateAccounts;
  readonly tx: StateTestTransaction;
}

export interface StateTestLog {
  readonly address: AddressHex;
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
}

/** `invalid`: the rules of the fork do not let the transaction into this block, and nothing changed. */
export type StateTestOutcome =
  | { readonly kind: "ran"; readonly logs: readonly StateTestLog[]; readonly post: StateAccounts }
  | { readonly kind: "invalid"; readonly why: string };

/** An engine that the suite is run against. What it throws is a failure of the case, not of the run. */
export interface StateTestEngine {
  runTransaction(run: StateTestRun): StateTestOutcome | Promise<StateTestOutcome>;
}

/** Makes the engine ready. Called once a thread. */
export type OpenStateTestEngine = () => StateTestEngine | Promise<StateTestEngine>;
