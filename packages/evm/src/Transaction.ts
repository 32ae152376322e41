import type { Fork } from "./fork.ts";
import type { Address } from "./hex.ts";

/** The block that transactions see. Amounts in wei, time in Unix seconds. */
export interface EngineBlock {
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly gasLimit: bigint;
  /** Gas that a transaction may have. Default: the gas limit. */
  readonly mostGas?: bigint;
  readonly baseFeePerGas: bigint;
  readonly coinbase: Address;
  readonly prevRandao: bigint;
  readonly excessBlobGas: bigint;
}

/** A call without the rules of transactions: no fee, no nonce. `to` is null for a creation. */
export interface Message {
  readonly from: Address;
  readonly to: Address | null;
  readonly value?: bigint;
  readonly input?: Uint8Array;
  /** Default: the block's gas limit. */
  readonly gas?: bigint;
  /** Writes and transfers fail, as in STATICCALL. */
  readonly isStatic?: boolean;
}

/** A transaction in the name of `from`; nobody's signature is asked for. */
export interface EngineTransaction {
  readonly from: Address;
  readonly to: Address | null;
  readonly value: bigint;
  readonly input: Uint8Array;
  readonly gas: bigint;
  /** Left out: the account's next, unchecked. */
  readonly nonce?: bigint;
  /** What is paid per gas, or the two fields of EIP-1559. */
  readonly gasPrice?: bigint;
  readonly maxFeePerGas?: bigint;
  readonly maxPriorityFeePerGas?: bigint;
  readonly accessList?: readonly { readonly address: Address; readonly storageKeys: readonly bigint[] }[];
  readonly maxFeePerBlobGas?: bigint;
  readonly blobVersionedHashes?: readonly Uint8Array[];
  readonly authorizationList?: readonly EngineAuthorization[];
  /** It may come from a contract, which the rules do not let send (EIP-3607). */
  readonly isImpersonated?: boolean;
}

/** One delegation of EIP-7702; `authority` is whom its signature names, undefined where it names nobody. */
export interface EngineAuthorization {
  readonly chainId: bigint;
  readonly address: Address;
  readonly nonce: bigint;
  readonly authority: Address | undefined;
}

/** A block with what follows from it and the fork, ready in the machine. */
export interface Setting {
  readonly fork: Fork;
  readonly chainId: bigint;
  readonly block: EngineBlock;
}
