import type { Address, Hex } from "./Hex.ts";

/** An EIP-712 message with the types and the domain that give it meaning. */
export interface TypedMessage {
  readonly domain: {
    readonly name?: string;
    readonly version?: string;
    readonly chainId: number;
    readonly verifyingContract: Address;
  };
  readonly types: { readonly [type: string]: readonly { readonly name: string; readonly type: string }[] };
  readonly primaryType: string;
  readonly message: { readonly [field: string]: unknown };
}

/** An EIP-1559 transaction before it is signed. Amounts and fees in wei. */
export interface UnsignedTransaction {
  readonly chainId: number;
  readonly nonce: number;
  /** Left out: the transaction creates a contract. */
  readonly to?: Address;
  readonly data: Hex;
  readonly value: bigint;
  readonly gas: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** Holds a key and lends its signature, never itself: a local keystore, a hardware module, a key service. */
export interface Signer {
  /** Lower case. */
  readonly address: Address;
  signTypedData(message: TypedMessage): Promise<Hex>;
  /** The signed bytes, ready for eth_sendRawTransaction. */
  signTransaction(transaction: UnsignedTransaction): Promise<Hex>;
}
