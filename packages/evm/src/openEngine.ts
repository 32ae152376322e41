// The engine as its users see it: one state, one block, calls and transactions on it.
import { type Batch, openBatch } from "./Batch.ts";
import { enableCheats, readConsole, readLabels } from "./cheats.ts";
import type { ConsoleLine } from "./decodeConsoleCall.ts";
import type { Fork } from "./fork.ts";
import { forkNames } from "./fork.ts";
import type { Address } from "./hex.ts";
import type { CallEdge, CodeCoverage, Comparison, Flow, StorageUse } from "./hooks.ts";
import {
  type HookSwitches,
  readCallEdges,
  readComparisons,
  readCoverage,
  readEdges,
  readFlows,
  readStorageUses,
  setHooks,
} from "./hooks.ts";
import { createMachine } from "./Machine.ts";
import { drive, driveAsync, type Miss, type Run, StateNotLoaded } from "./Miss.ts";
import { precompilesOf } from "./precompiles/precompilesOf.ts";
import { type EngineLog, readLogs } from "./readLogs.ts";
import { readTrace, type TracedCall } from "./readTrace.ts";
import { type BatchCall, type BatchResult, runBatch } from "./runBatch.ts";
import { type Ended, runMessage } from "./runMessage.ts";
import { enterBlock, enterTransaction, type Sent, sendTransaction } from "./sendTransaction.ts";
import { assumptionFailed, describeStatus, succeeded } from "./status.ts";
import type { EngineBlock, EngineTransaction, Message } from "./Transaction.ts";
import { createWorld, EngineMemoryExhausted } from "./World.ts";

/** An account as it is before everything. Slots that are not given are zero. */
export interface EngineAccount {
  readonly balance: bigint;
  readonly nonce: bigint;
  readonly code: Uint8Array;
  readonly storage?: ReadonlyMap<bigint, bigint>;
}

/** An account whose code may be left out, with its hash in its place: it is asked for when a run enters it. */
export type SourceAccount = Omit<EngineAccount, "storage" | "code"> &
  ({ readonly code: Uint8Array } | { readonly code?: undefined; readonly codeHash: Uint8Array });

/** State at one fixed block, asked for when a run first needs it. What it throws ends the run that asked. */
export interface EngineSource {
  /** Undefined where there is nothing. Its storage is asked for slot by slot. */
  account(address: Address): Promise<SourceAccount | undefined>;
  /** Code that `account` left out, when a run enters it. Needed only where it does. */
  code?(address: Address): Promise<Uint8Array>;
  slot(address: Address, key: bigint): Promise<bigint>;
  /** 32 bytes. */
  blockHash(number: bigint): Promise<Uint8Array>;
}

export interface EngineOptions {
  readonly fork: Fork;
  readonly chainId: bigint;
  readonly block: EngineBlock;
  /** What is there from the begin, whole: the rest of the world is empty, unless a source knows it. */
  readonly accounts?: ReadonlyMap<Address, EngineAccount>;
  readonly source?: EngineSource;
  /** What is recorded of each run. Default: nothing but coverage, which costs nothing. */
  readonly hooks?: Partial<HookSwitches>;
  /** Foundry's cheat codes and console.log work, at their addresses. Default: those are accounts like any other. */
  readonly cheats?: boolean;
  /** Most memory that the instance takes. Default 2 GiB; at most 4 GiB less one page. */
  readonly memoryBytes?: number;
}

/** How a call ended. `error` names the failure as geth does. */
export interface Outcome {
  readonly succeeded: boolean;
  readonly error?: string;
  readonly gasUsed: bigint;
  readonly output: Uint8Array;
  /** Where a creation put its contract. */
  readonly created?: Address;
  /** vm.assume(false) ended it: its inputs are none that the harness means. */
  readonly isRejected?: true;
}

/** A transaction that its block does not allow changes nothing, and says why. */
export type SendOutcome = ({ readonly kind: "ran" } & Outcome) | Extract<Sent, { kind: "invalid" }>;

/** A point in the engine's history. Good until a rollback to one before it. */
export type Mark = number & { readonly of?: "Mark" };

export interface Engine {
  /** Runs a message and keeps what it wrote. Throws `StateNotLoaded` where it needs what only a source knows. */
  call(message: Message): Outcome;
  /** Executes a transaction with its fee and nonce, and keeps what it wrote. */
  send(tx: EngineTransaction): SendOutcome;
  /** The same, asking the source for what is missing. One at a time. */
  callAsync(message: Message): Promise<Outcome>;
  sendAsync(tx: EngineTransaction): Promise<SendOutcome>;
  /** Runs messages in one crossing; throws `StateNotLoaded` at one that misses state, and nothing after it has run. */
  batch(calls: readonly BatchCall[]): BatchResult[];
  /** An empty batch that is written once and run often: nothing is made anew for a call. */
  openBatch(): Batch;
  snapshot(): Mark;
  /** Takes back all that was written since `mark`. */
  rollback(mark: Mark): void;
  /**
   * Goes back to `mark` without taking anything back; what it returns comes forward again. In between only calls whose writes
   * are rolled back may run.
   */
  rewind(mark: Mark): () => void;
  /** Later transactions see this block. */
  setBlock(block: EngineBlock): void;
  setHooks(hooks: Partial<HookSwitches>): void;
  /** Logs of the last run that stand. */
  logs(): EngineLog[];
  /** Call tree of the last run, where `hooks.trace` is on. */
  trace(): TracedCall | undefined;
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

const defaultMemory = 2 ** 31;
const mostMemory = 2 ** 32 - 65_536;

/** Opens an engine on a state, in a block. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  assertOptions(options);
  const { fork, chainId, accounts, source } = options;
  let setting = { fork, chainId, block: options.block };
  const machine = await createMachine();
  const { calls } = machine;
  const world = createWorld(machine);
  let isBusy = false;
  machine.setPrecompiles(precompilesOf(fork));
  calls.setLimit(options.memoryBytes ?? defaultMemory);
  calls.setWorldComplete(source === undefined);
  setHooks(machine, options.hooks ?? {});
  enterBlock(machine, setting);
  for (const [address, account] of accounts ?? []) load(address, account);
  if (options.cheats) enableCheats(machine, world);

  function load(address: Address, account: EngineAccount): void {
    if (isBusy) throw new EngineBusy();
    const index = world.keep(address, account);
    for (const [key, value] of account.storage ?? []) world.keepSlot(index, key, value);
  }

  async function give(miss: Miss): Promise<void> {
    if (miss.kind === "blockHash") {
      const hash = await source!.blockHash(miss.number);
      machine.bytes().set(hash, machine.words);
      calls.putBlockHash(miss.number);
    } else if (miss.kind === "account") {
      const account = await source!.account(miss.address);
      // An empty account that a source knows is none (EIP-161): no chain that is asked has any left.
      const isThere =
        account !== undefined && !(account.balance === 0n && account.nonce === 0n && isNone(account.code));
      world.load(miss.address, { code: undefined, ...(account ?? nothing) }, account === undefined, isThere);
    } else if (miss.kind === "code") {
      if (source!.code === undefined) throw new StateNotLoaded(miss);
      world.learnCode(await source!.code(miss.address));
    } else {
      const value = await source!.slot(miss.address, miss.key);
      world.loadSlot(world.find(miss.address)!, miss.key, value);
    }
  }

  function* message(given: Message): Run<Outcome> {
    const from = yield* world.need(given.from);
    const coinbase = yield* world.need(setting.block.coinbase);
    const created = given.to === null ? world.addressCreatedBy(from) : undefined;
    const to = yield* world.need(created ?? given.to!);
    const gas = given.gas ?? setting.block.gasLimit;
    const mark = calls.snapshot();
    calls.startRun();
    enterTransaction(machine, given.from, 0n, []);
    for (const index of [from, to, coinbase]) calls.warm(index);
    if (given.to === null) calls.setNonce(from, world.nonceOf(from) + 1n);
    const ended = yield* runMessage(machine, {
      from,
      to,
      isCreation: given.to === null,
      value: given.value ?? 0n,
      input: given.input ?? none,
      gas,
      isStatic: given.isStatic ?? false,
    });
    if (!calls.removeDestroyed(mark)) throw new EngineMemoryExhausted();
    return outcomeOf(ended, gas - ended.gasLeft, created);
  }

  function* transaction(tx: EngineTransaction): Run<SendOutcome> {
    const sent = yield* sendTransaction(machine, world, setting, tx);
    // Of what is paid and warmed around the run, some may have found no room.
    if (calls.isExhausted()) throw new EngineMemoryExhausted();
    return sent.kind === "invalid" ? sent : { kind: "ran", ...outcomeOf(sent, sent.gasUsed, sent.created) };
  }

  function* accountAt(address: Address): Run<SourceAccount> {
    const index = yield* world.need(address);
    const { balance, nonce, code, codeHash } = world.at(index);
    return world.isCodeKnown(index) ? { balance, nonce, code } : { balance, nonce, codeHash };
  }

  function* slotAt(address: Address, key: bigint): Run<bigint> {
    return yield* world.needSlot(yield* world.need(address), key);
  }

  /** Whatever ends a run early takes back what it wrote. */
  function alone<T>(work: Run<T>): T {
    if (isBusy) throw new EngineBusy();
    world.tidy(false);
    const mark = calls.snapshot();
    try {
      return drive(work);
    } catch (error) {
      calls.rollback(mark);
      throw error;
    }
  }
  async function aloneAsync<T>(work: Run<T>): Promise<T> {
    if (isBusy) throw new EngineBusy();
    if (source === undefined) return alone(work);
    world.tidy(true);
    isBusy = true;
    const mark = calls.snapshot();
    try {
      return await driveAsync(work, give);
    } catch (error) {
      calls.rollback(mark);
      throw error;
    } finally {
      isBusy = false;
    }
  }
  function assertMark(mark: Mark): void {
    if (isBusy) throw new EngineBusy();
    if (!Number.isInteger(mark) || mark < 0 || mark > calls.snapshot() >>> 0) throw new MarkPast(mark);
  }
  const indexOf = (address: Address): number => drive(world.need(address));
  /** The index of an account that is about to be changed by hand. What it holds must be known: a rollback gives that back. */
  function changing(address: Address): number {
    if (isBusy) throw new EngineBusy();
    world.tidy(false);
    return indexOf(address);
  }
  const batchOf = (): Batch =>
    openBatch(machine, world, () => {
      if (isBusy) throw new EngineBusy();
      world.tidy(false);
      return indexOf(setting.block.coinbase);
    });

  return {
    call: (given) => alone(message(given)),
    send: (tx) => alone(transaction(tx)),
    callAsync: (given) => aloneAsync(message(given)),
    sendAsync: (tx) => aloneAsync(transaction(tx)),
    batch(given) {
      if (isBusy) throw new EngineBusy();
      return runBatch(batchOf(), given);
    },
    openBatch: batchOf,
    snapshot: () => calls.snapshot() >>> 0,
    rollback(mark) {
      assertMark(mark);
      calls.rollback(mark);
    },
    rewind(mark) {
      assertMark(mark);
      calls.rewind(mark);
      return () => calls.advance(mark);
    },
    setBlock(block) {
      setting = { ...setting, block };
      enterBlock(machine, setting);
    },
    setHooks(hooks) {
      // What runs stands in decoded code, which other hooks take away.
      if (isBusy) throw new EngineBusy();
      setHooks(machine, hooks);
    },
    clearCoverage() {
      if (isBusy) throw new EngineBusy();
      calls.clearCoverage();
    },
    logs: () => readLogs(machine),
    trace: () => readTrace(machine),
    coverage: () => readCoverage(machine),
    edges: () => readEdges(machine),
    comparisons: () => readComparisons(machine),
    storageUses: () => readStorageUses(machine),
    flows: () => readFlows(machine),
    callEdges: () => readCallEdges(machine),
    console: () => readConsole(machine),
    labels: () => readLabels(machine),
    watch: (address) => world.watch(address, true),
    unwatch: (address) => world.watch(address, false),
    accountAsync: (address) => aloneAsync(accountAt(address)),
    slotAsync: (address, key) => aloneAsync(slotAt(address, key)),
    account(address) {
      const index = world.find(address);
      if (index === undefined) return undefined;
      const { balance, nonce, code } = world.at(index);
      return { balance, nonce, code, storage: world.storageOf(index) };
    },
    slot(address, key) {
      const index = world.find(address);
      return index === undefined ? undefined : world.slotOf(index, key);
    },
    accounts() {
      const seen = world.all().map((account, index) => [account, index] as const);
      const there = seen.filter(([{ isThere }]) => isThere);
      return new Map(
        there.map(([{ address, balance, nonce, code }, index]) => [
          address,
          { balance, nonce, code, storage: world.storageOf(index) },
        ]),
      );
    },
    setBalance(address, wei) {
      const index = changing(address);
      const now = world.balanceOf(index);
      if (wei > now) world.credit(index, wei - now);
      else world.debit(index, now - wei);
    },
    setNonce: (address, nonce) => world.setNonce(changing(address), nonce),
    setCode: (address, code) => world.setCode(changing(address), code),
    setStorage(address, key, value) {
      const index = changing(address);
      drive(world.needSlot(index, key));
      world.setStorage(index, key, value);
    },
    load,
    memoryUse: () => ({ taken: machine.bytes().length, inUse: Number(calls.bytesInUse()) }),
  };
}

const none = new Uint8Array();
const nothing = { balance: 0n, nonce: 0n, code: none };

const isNone = (code: Uint8Array | undefined): boolean => code !== undefined && code.length === 0;

function outcomeOf(ended: Ended, gasUsed: bigint, created: Address | undefined): Outcome {
  const error = describeStatus(ended.status);
  const hasSucceeded = ended.status === succeeded;
  return {
    succeeded: hasSucceeded,
    ...(error === undefined ? {} : { error }),
    gasUsed,
    output: ended.output,
    ...(created !== undefined && hasSucceeded ? { created } : {}),
    ...(ended.status === assumptionFailed ? { isRejected: true } : {}),
  };
}

function assertOptions({ fork, memoryBytes }: EngineOptions): void {
  if (!forkNames.includes(fork)) throw new ForkUnknown(fork);
  if (memoryBytes !== undefined && !(memoryBytes >= 2 ** 26 && memoryBytes <= mostMemory)) {
    throw new MemoryOutOfRange(memoryBytes);
  }
}

/** Thrown for rules that the engine does not have. Not retryable. */
export class ForkUnknown extends Error {
  override readonly name = "ForkUnknown";
  constructor(fork: string) {
    super(`The engine has no rules of ${JSON.stringify(fork)}.\n- It has ${forkNames.join(", ")}.`);
  }
}

/** Thrown for a limit of memory that cannot be. Not retryable. */
export class MemoryOutOfRange extends Error {
  override readonly name = "MemoryOutOfRange";
  constructor(bytes: number) {
    super(`\`memoryBytes\` is ${bytes}.\n- It is at least ${2 ** 26} and at most ${mostMemory}.`);
  }
}

/** Thrown where an engine is asked something while a run waits for state. Retryable once that has ended. */
export class EngineBusy extends Error {
  override readonly name = "EngineBusy";
  constructor() {
    super("The engine runs something already.\n- Await it first, or open another engine.");
  }
}

/** Thrown for a mark that a rollback has passed. Not retryable. */
export class MarkPast extends Error {
  override readonly name = "MarkPast";
  constructor(mark: number) {
    super(`There is no mark ${mark} any more: the engine was rolled back to one before it.`);
  }
}
