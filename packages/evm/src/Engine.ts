// The engine as its users see it: one state, one block, calls and transactions on it.
import type { Batch } from "./Batch.ts";
import type { ConsoleLine } from "./decodeConsoleCall.ts";
import type { EngineAccount, SourceAccount } from "./EngineOptions.ts";
import type { Address } from "./hex.ts";
import type { CallEdge, CodeCoverage, Comparison, Flow, HookSwitches, StorageUse } from "./hooks.ts";
import type { Outcome, SendOutcome } from "./outcomeOf.ts";
import type { EngineLog } from "./readLogs.ts";
import type { TracedCall } from "./readTrace.ts";
import type { EngineMoment, MomentAnswer, MomentQuestion } from "./readWithin.ts";
import type { BatchCall, BatchResult } from "./runBatch.ts";
import type { EngineBlock, EngineTransaction, Message } from "./Transaction.ts";

/** A point in the engine's history. Good until a rollback to one before it. */
export type Mark = number & { readonly of?: "Mark" };

export interface Engine {
  /** Runs a message and keeps what it wrote. Throws `StateNotLoaded` where it needs what only a source knows, `GasOutOfRange` for gas of 2^63 or more. */
  call(message: Message): Outcome;
  /** Executes a transaction with its fee and nonce, and keeps what it wrote. */
  send(tx: EngineTransaction): SendOutcome;
  /** The same, asking the source for what is missing. One at a time. */
  callAsync(message: Message): Promise<Outcome>;
  sendAsync(tx: EngineTransaction): Promise<SendOutcome>;
  /**
   * Answers questions from the state that `tx` comes to at a moment within it, and leaves no trace of having run it: neither state, nor
   * logs. A call among them is made there, and taken back before the next. What stands there may be taken back later in the transaction.
   * Undefined where `tx` does not come to that moment, or is not valid. Throws what `sendAsync` throws.
   */
  readWithinAsync(
    tx: EngineTransaction,
    moment: EngineMoment,
    questions: readonly MomentQuestion[],
  ): Promise<readonly MomentAnswer[] | undefined>;
  /** Runs messages in one crossing; throws `StateNotLoaded` at one that misses state, and nothing after it has run. */
  batch(calls: readonly BatchCall[]): BatchResult[];
  /** An empty batch that is written once and run often: nothing is made anew for a call. */
  openBatch(): Batch;
  snapshot(): Mark;
  /** Takes back all that was written since `mark`. */
  rollback(mark: Mark): void;
  /**
   * Goes back to `mark` without taking anything back; what it returns comes forward again, once. What is written in between is
   * taken back then.
   */
  rewind(mark: Mark): () => void;
  /** Later transactions see this block. */
  setBlock(block: EngineBlock): void;
  setHooks(hooks: Partial<HookSwitches>): void;
  /** Logs of the last run that stand. */
  logs(): EngineLog[];
  /** Call tree of the last run, where `hooks.trace` is on. */
  trace(): TracedCall | undefined;
  /** The same, with logs of frames that failed: they never were, and tell what the code meant to say. */
  traceWithFailedLogs(): TracedCall | undefined;
  /** Basic blocks that ever ran, by code. */
  coverage(): CodeCoverage[];
  /** How often each pair of blocks ran, where `hooks.edges` is on: a map of 65,536 counts up to 255. */
  edges(): Uint8Array;
  /** Coverage and edges begin anew. */
  clearCoverage(): void;
  /** Of the last run; of a batch, those of all its calls that ran something new. */
  comparisons(): Comparison[];
  storageUses(): StorageUse[];
  flows(): Flow[];
  /** Who called whom in the last run, where `hooks.calls` is on. */
  callEdges(): CallEdge[];
  /** What the last run wrote with console.log, and names that vm.label ever gave; nothing where `cheats` is off. */
  console(): ConsoleLine[];
  labels(): Map<Address, string>;
  /** An event with this first topic, of 32 bytes, stands for a failed assertion, where `hooks.assertions` is on; at most eight. */
  countAsAssertion(topic: Uint8Array): void;
  /** The code by its number in comparisons and in `coverage`. */
  codeOf(number: number): Uint8Array;
  /** Flows of value to and from it are recorded, where `hooks.flows` is on. */
  watch(address: Address): void;
  unwatch(address: Address): void;
  /** An account as it stands; the source is asked for one that was not seen. */
  accountAsync(address: Address): Promise<SourceAccount>;
  slotAsync(address: Address, key: bigint): Promise<bigint>;
  /** An account as it stands, if it was seen. */
  account(address: Address): EngineAccount | undefined;
  slot(address: Address, key: bigint): bigint | undefined;
  /** Every account that was seen and is there: it is not empty, or was so from the begin and nobody touched it. */
  accounts(): Map<Address, EngineAccount>;
  /**
   * Changes state by hand; a rollback takes it back. Throws `StateNotLoaded` for an account, or a slot, that only a source knows:
   * `accountAsync` and `slotAsync` ask it.
   */
  setBalance(address: Address, wei: bigint): void;
  setNonce(address: Address, nonce: bigint): void;
  setCode(address: Address, code: Uint8Array): void;
  setStorage(address: Address, key: bigint, value: bigint): void;
  /** Puts an account as it was before everything. It stays, however much memory is wanted. */
  load(address: Address, account: EngineAccount): void;
  memoryUse(): MemoryUse;
}

export interface MemoryUse {
  /** Bytes that the instance has of its host; none of them is ever given back. */
  readonly taken: number;
  /** Bytes of them that state, code and records take. Between runs what is of no use goes where this is too much. */
  readonly inUse: number;
}
