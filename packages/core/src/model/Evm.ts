// The seam behind which engines stand that execute transactions: recorded ones in a back-test, pending ones on a fork at
// the head, calls of a probe. An engine is opened on a state and in a block; it never sends anything to anybody.
import type { CallFrame } from "./BlockBundle.ts";
import type { Address, Hex } from "./Hex.ts";
import type { NodeRead, StateAnswer } from "./StateRead.ts";

/** An account as a state source knows it. `code` is null where it exists and is not known, with the hash that it has. */
export interface AccountState {
  readonly balance: bigint;
  readonly nonce: bigint;
  readonly code: Hex | null;
  readonly codeHash?: Hex;
}

/**
 * State that an engine starts from, at one fixed block: recorded accounts, or a node that is asked when something is first
 * needed. What it throws ends the run that asked; `StateMissing` ends it as `refused`.
 */
export interface StateSource {
  /** Undefined for an address where there is nothing. */
  account(address: Address): Promise<AccountState | undefined>;
  /** The word at a 32-byte key. */
  slot(address: Address, key: Hex): Promise<Hex>;
  /** The hash of an older block, for BLOCKHASH. */
  blockHash(number: bigint): Promise<Hex>;
}

/** The block that transactions run in. Amounts in wei, time in Unix seconds. */
export interface EvmBlock {
  readonly chainId: number;
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly baseFeePerGas: bigint;
  readonly gasLimit: bigint;
  readonly coinbase: Address;
  readonly prevRandao: Hex;
  readonly excessBlobGas?: bigint;
  /** Rules by name, such as "cancun". Default: those of Ethereum mainnet at this time. */
  readonly hardfork?: string;
  /** Before the merge only. */
  readonly difficulty?: bigint;
}

/** A transaction to run in the name of `from`; nobody's signature is asked for. `to` is null for a creation. */
export interface EvmTransaction {
  readonly from: Address;
  readonly to: Address | null;
  readonly value: bigint;
  readonly input: Hex;
  readonly gas: bigint;
  /** Taken as it is, and one more afterwards: order is the caller's concern. Left out: the next one of the account. */
  readonly nonce?: bigint;
  /** What is paid per gas, or the two fields of EIP-1559. Without either the base fee is paid. */
  readonly gasPrice?: bigint;
  readonly maxFeePerGas?: bigint;
  readonly maxPriorityFeePerGas?: bigint;
  readonly accessList?: readonly { readonly address: Address; readonly storageKeys: readonly Hex[] }[];
  readonly maxFeePerBlobGas?: bigint;
  readonly blobVersionedHashes?: readonly Hex[];
  readonly authorizationList?: readonly Authorization[];
  /** Sent in the name of a contract, as whoever commands it would have it do: the rules let no contract sign (EIP-3607). */
  readonly isImpersonated?: boolean;
  /** Where it runs in another block than the engine's, under the same rules. What is left out is the engine's. */
  readonly block?: Partial<Omit<EvmBlock, "chainId" | "hardfork">>;
}

/** One signed delegation of EIP-7702; here the signature is what names the authority. */
export interface Authorization {
  readonly chainId: Hex;
  readonly address: Address;
  readonly nonce: Hex;
  readonly yParity: Hex;
  readonly r: Hex;
  readonly s: Hex;
}

/** Why a transaction was not executed to its end. Its writes are not kept, its nonce is used. */
export type EvmRefusal =
  /** It enters a contract whose code is not known. */
  | "missing-code"
  /** It reads state that was not recorded, so that it does not run as it did on the chain. */
  | "missing-state"
  /** It needs the data of blobs, or their proof. */
  | "blobs"
  /** Its sender cannot pay for it. */
  | "unfunded"
  /** It would take longer than whoever opened the engine allows. */
  | "costly"
  /** The rules of the chain do not let it into this block. */
  | "invalid";

export type EvmOutcome =
  | {
      readonly kind: "ran";
      readonly succeeded: boolean;
      readonly gasUsed: bigint;
      readonly output: Hex;
      /** As geth's callTracer with logs gives it; `logsOf` gives the logs of the frames that lasted. */
      readonly trace: CallFrame;
    }
  | { readonly kind: "refused"; readonly reason: EvmRefusal; readonly detail: string };

/** A point in an engine's history, from `snapshot`. Good until a revert to one before it. */
export type EvmMark = number & { readonly of?: "EvmMark" };

/** What a read of a node asks, without its block: an engine has one state, and marks. */
export type EvmRead = NodeRead extends infer R ? (R extends unknown ? Omit<R, "at"> : never) : never;

/**
 * A moment in a transaction: "before" the frame `order` of its call tree (`Visit.order`) began, or "after" it ended. `CallMoment` in
 * `StateRead.ts` says what has happened by then.
 */
export interface EvmMoment {
  readonly order: number;
  readonly side: "before" | "after";
}

/** An engine at work. Calls on one engine come one after the other; it refuses to be asked two things at once. */
export interface Evm {
  /** Executes and keeps what it wrote. A transaction that fails as the chain lets it fail has `ran`. */
  run(tx: EvmTransaction): Promise<EvmOutcome>;
  /** Answers from the state as it stands, or as it stood at `mark`. A revert is an answer, and so is missing state. */
  read(read: EvmRead, mark?: EvmMark): Promise<StateAnswer>;
  /**
   * Answers from the state that `tx`, run on the state at `mark`, comes to at `moment`; keeps nothing. Undefined where it does not come
   * there, or that, or an answer, takes longer than whoever opened the engine allows. Left out by engines that cannot stop within a transaction.
   */
  readWithin?(
    tx: EvmTransaction,
    mark: EvmMark,
    moment: EvmMoment,
    reads: readonly EvmRead[],
  ): Promise<readonly StateAnswer[] | undefined>;
  snapshot(): EvmMark;
  /** Takes back all that was run since `mark`. */
  revert(mark: EvmMark): void;
}

/** How long one run may take, for whoever has to go on with something else. */
export interface EvmLimits {
  /** Most gas spent on precompiled contracts that the engine runs outside of it, slowly; a run that spends more is refused as `costly`. */
  readonly mostHostGas: bigint;
  /** Most memory that the engine takes, in bytes; what needs more ends with an error. Default: what the engine takes at most. */
  readonly memoryBytes?: number;
}

/**
 * Opens an engine. `block` is what transactions see; `source` is the state before the first of them. An engine without such
 * contracts knows no limits.
 */
export type OpenEvm = (source: StateSource, block: EvmBlock, limits?: EvmLimits) => Promise<Evm>;

/** Thrown by a state source for what it does not have. Not retryable. */
export class StateMissing extends Error {
  override readonly name = "StateMissing";
  readonly reason: Extract<EvmRefusal, "missing-code" | "missing-state">;
  constructor(reason: StateMissing["reason"], what: string) {
    super(`${what} was not recorded.`);
    this.reason = reason;
  }
}

/** An engine was asked something while it was at work. A fault of the caller. */
export class EngineBusy extends Error {
  override readonly name = "EngineBusy";
  constructor() {
    super(
      "The engine is at work.\n- It does one thing after the other.\n- Await the last run or read before the next.",
    );
  }
}

/** A mark was used after a revert to one before it. A fault of the caller. */
export class MarkGone extends Error {
  override readonly name = "MarkGone";
  constructor(mark: EvmMark, length: number) {
    super(
      `Mark ${mark} is gone: the state was reverted to ${length}.\n- A mark is good until a revert to one before it.\n- Take a new snapshot.`,
    );
  }
}
