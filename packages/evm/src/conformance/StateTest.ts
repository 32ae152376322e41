// The nouns of a state test after parsing: one test is one state and one transaction with variants, and a case is one
// variant under one fork with what has to come out.
import type { AddressHex, StateAccounts, StateTestAuthorization, StateTestBlock } from "./StateTestEngine.ts";

export interface StateTest {
  readonly name: string;
  readonly chainId: bigint;
  readonly block: StateTestBlock;
  readonly pre: StateAccounts;
  readonly transaction: StateTestVariants;
  readonly cases: readonly StateTestCase[];
}

export interface StateTestCase {
  /** As the file spells it: "Cancun". */
  readonly fork: string;
  /** Its place in the list of this fork. */
  readonly index: number;
  readonly data: number;
  readonly gas: number;
  readonly value: number;
  readonly stateRoot: string;
  readonly logsHash: string;
  /** Why the transaction is to be refused; undefined where it is to run. */
  readonly expectException: string | undefined;
}

export type AccessList = readonly { readonly address: AddressHex; readonly storageKeys: readonly bigint[] }[];

/** The transaction of a test with the lists that its cases choose from. Numbers are as given, even where they fit no field. */
export interface StateTestVariants {
  readonly from: AddressHex;
  readonly to: AddressHex | null;
  readonly nonce: bigint;
  readonly data: readonly Uint8Array[];
  readonly gasLimit: readonly bigint[];
  readonly value: readonly bigint[];
  readonly gasPrice: bigint | undefined;
  readonly maxFeePerGas: bigint | undefined;
  readonly maxPriorityFeePerGas: bigint | undefined;
  /** One a variant of the data; undefined where that variant has none. */
  readonly accessLists: readonly (AccessList | undefined)[] | undefined;
  readonly blobVersionedHashes: readonly Uint8Array[] | undefined;
  readonly maxFeePerBlobGas: bigint | undefined;
  readonly authorizationList: readonly StateTestAuthorization[] | undefined;
}
