// A capsule: a recorded piece of chain state, and the transactions to replay on it. Its format is told in docs/capsule.md.
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import type { EvmTransaction } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { RecordedAccount } from "./recordedState.ts";

/** The one version of the format that is read and written. */
export const capsuleFormat = "testudo-capsule/1";

/** A piece of chain state, format `testudo-capsule/1`: the state after `block`, or later in the block that follows it. */
export interface Capsule {
  readonly name: string;
  readonly chainId: number;
  /** What people call the chain. */
  readonly chain?: string;
  /** The rules by name, such as "cancun". Without it: those of Ethereum mainnet at the time. */
  readonly hardfork?: string;
  readonly block: CapsuleHeader;
  /** `code` is null where it is not known. */
  readonly accounts: ReadonlyMap<Address, RecordedAccount>;
  /** Headers of the blocks that the transactions run in, by ascending number. */
  readonly headers?: readonly CapsuleHeader[];
  /** Hashes that BLOCKHASH was asked for. */
  readonly blockHashes?: ReadonlyMap<bigint, Hex>;
  /** What is replayed, in this order. */
  readonly transactions?: readonly CapsuleTransaction[];
  /** The contract that the attack is on; default of `testudo patch`. */
  readonly victim?: Address;
  /** Selectors of the victim that let people out of risk; no guard rule may touch them. */
  readonly exempt?: readonly Hex[];
  /** What could not be recorded, one sentence each. */
  readonly gaps?: readonly string[];
  /** Where the state was taken from, as whoever recorded it says. */
  readonly source?: { readonly [name: string]: string };
}

/** What transactions see of a block. Amounts in wei, time in Unix seconds. */
export interface CapsuleHeader {
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly baseFeePerGas: bigint;
  readonly hash?: Hex;
  readonly gasLimit?: bigint;
  readonly coinbase?: Address;
  readonly prevRandao?: Hex;
  readonly excessBlobGas?: bigint;
  /** Before the merge only. */
  readonly difficulty?: bigint;
}

/** A transaction of a capsule. */
export interface CapsuleTransaction extends Omit<EvmTransaction, "block"> {
  readonly hash?: Hex;
  readonly type?: number;
  /** As it was signed and sent. */
  readonly raw?: Hex;
  /** The block that it runs in; one of `headers`, or else one like the capsule's own. Default: the one after the capsule's. */
  readonly blockNumber?: bigint;
  readonly expected?: ExpectedOutcome;
  /** Nobody said how much gas it has: it gets what its block and the rules allow, `gas` at most. */
  readonly isGasLeftOut?: boolean;
  /** Whose work it is, as whoever made the capsule says: what a patch has to stop, or must leave as it was. */
  readonly role?: TransactionRole;
}

/** The two sides that a patch tells apart. */
export type TransactionRole = "attack" | "benign";

/** What came of a transaction where it was recorded. */
export interface ExpectedOutcome {
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  readonly logs: readonly ExpectedLog[];
  /** The call tree, where the node gave one. It makes the place of a divergence exact. */
  readonly trace?: CallFrame;
}

export interface ExpectedLog {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}
