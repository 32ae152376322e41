// The engine put together: one state, one block, calls and transactions on it.
import { type Batch, openBatch } from "./Batch.ts";
import { callMessage } from "./callMessage.ts";
import { changeByHand } from "./changeByHand.ts";
import type { Engine, Mark } from "./Engine.ts";
import {
  assertOptions,
  type EngineAccount,
  type EngineOptions,
  HostExhausted,
  type SourceAccount,
} from "./EngineOptions.ts";
import { openGive } from "./giveMissing.ts";
import type { Address } from "./hex.ts";
import {
  readCallEdges,
  readComparisons,
  readCoverage,
  readEdges,
  readFlows,
  readStorageUses,
  setHooks,
} from "./hooks.ts";
import { createMachine } from "./Machine.ts";
import { drive, type Run } from "./Miss.ts";
import { openTurns } from "./openTurns.ts";
import { type Outcome, type SendOutcome, sendOutcomeOf } from "./outcomeOf.ts";
import { loadPrecompiles, precompilesOf } from "./precompiles/precompilesOf.ts";
import { readLogs } from "./readLogs.ts";
import { readStateOf } from "./readStateOf.ts";
import { readTrace, readTraceWithFailedLogs } from "./readTrace.ts";
import { readWithin } from "./readWithin.ts";
import { runBatch } from "./runBatch.ts";
import { enterBlock, sendTransaction } from "./sendTransaction.ts";
import type { EngineTransaction, Message } from "./Transaction.ts";
import { createWorld, EngineMemoryExhausted } from "./World.ts";
import { planWarmUp } from "./warmUp.ts";

// Whoever opens an engine names what it takes and what it is.
export type { Engine, Mark, MemoryUse } from "./Engine.ts";
export type { EngineAccount, EngineOptions, EngineSource, ReadySource, SourceAccount } from "./EngineOptions.ts";
export { EngineBusy } from "./openTurns.ts";
export type { Outcome, SendOutcome } from "./outcomeOf.ts";

const defaultMemory = 2 ** 31;

/** Opens an engine on a state, in a block. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  assertOptions(options);
  const { fork, chainId, accounts, source, readySource, mostHostGas } = options;
  let setting = { fork, chainId, block: options.block };
  const [machine, cheats] = await Promise.all([
    createMachine(),
    options.cheats ? import("./cheats.ts") : undefined,
    loadPrecompiles(),
  ]);
  const { calls } = machine;
  const world = createWorld(machine);
  const give = openGive(machine, world, readySource);
  const turns = openTurns(machine, world, source, give);
  machine.setPrecompiles(precompilesOf(fork));
  calls.setLimit(options.memoryBytes ?? defaultMemory);
  calls.setWorldComplete(source === undefined && readySource === undefined);
  setHooks(machine, options.hooks ?? {});
  enterBlock(machine, setting);
  for (const [address, account] of accounts ?? []) load(address, account);
  cheats?.enableCheats(machine, world);
  planWarmUp();

  function load(address: Address, account: EngineAccount): void {
    turns.assertFree();
    const index = world.keep(address, account);
    for (const [key, value] of account.storage ?? []) world.keepSlot(index, key, value);
  }

  const boundHost = () => machine.boundHost(mostHostGas);
  function assertHost(): void {
    if (machine.isHostOver()) throw new HostExhausted(mostHostGas!);
  }

  function* transaction(tx: EngineTransaction): Run<SendOutcome> {
    boundHost();
    const sent = yield* sendTransaction(machine, world, setting, tx);
    assertHost();
    // Of what is paid and warmed around the run, some may have found no room.
    if (calls.isExhausted()) throw new EngineMemoryExhausted();
    return sent.kind === "invalid" ? sent : sendOutcomeOf(sent);
  }

  /** Bounded by itself: neither what ran before pays for what it may take, nor does it leave less to what comes after. */
  function* message(given: Message): Run<Outcome> {
    boundHost();
    const outcome = yield* callMessage(machine, world, setting, given);
    assertHost();
    return outcome;
  }

  function* accountAt(address: Address): Run<SourceAccount> {
    const index = yield* world.need(address);
    const { balance, nonce, code, codeHash } = world.at(index);
    return world.isCodeKnown(index) ? { balance, nonce, code } : { balance, nonce, codeHash };
  }

  function* slotAt(address: Address, key: bigint): Run<bigint> {
    return yield* world.needSlot(yield* world.need(address), key);
  }

  function assertMark(mark: Mark): void {
    turns.assertFree();
    if (!Number.isInteger(mark) || mark < 0 || mark > calls.snapshot() >>> 0) throw new MarkPast(mark);
  }
  const indexOf = (address: Address): number => drive(world.need(address), give);
  /** The index of an account that is about to be changed by hand. What it holds must be known: a rollback gives that back. */
  function changing(address: Address): number {
    turns.begin();
    return indexOf(address);
  }
  function watch(address: Address, isWatched: boolean): void {
    turns.assertFree();
    world.watch(address, isWatched);
  }
  const batchOf = (): Batch =>
    openBatch(
      machine,
      world,
      () => {
        turns.begin();
        return indexOf(setting.block.coinbase);
      },
      give,
    );

  return {
    call: (given) => turns.alone(message(given)),
    send: (tx) => turns.alone(transaction(tx)),
    callAsync: (given) => turns.aloneAsync(message(given)),
    sendAsync: (tx) => turns.aloneAsync(transaction(tx)),
    readWithinAsync: (tx, moment, questions) => {
      const readers = { account: accountAt, slot: slotAt, boundHost, assertHost };
      return turns.aloneAndBackAsync(readWithin(machine, world, setting, tx, moment, questions, readers));
    },
    batch(given) {
      turns.assertFree();
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
      const end = calls.snapshot() >>> 0;
      calls.rewind(mark);
      let isBack = false;
      return () => {
        turns.assertFree();
        // A second time it would go to the mark again.
        if (isBack) return;
        isBack = true;
        // What was written meanwhile stands behind what comes forward.
        if (calls.snapshot() >>> 0 > end) calls.rollback(end);
        calls.advance(mark);
      };
    },
    setBlock(block) {
      turns.assertFree();
      const next = { ...setting, block };
      enterBlock(machine, next);
      setting = next;
    },
    setHooks(hooks) {
      // What runs stands in decoded code, which other hooks take away.
      turns.assertFree();
      setHooks(machine, hooks);
    },
    clearCoverage() {
      turns.assertFree();
      calls.clearCoverage();
    },
    logs: () => readLogs(machine),
    trace: () => readTrace(machine),
    traceWithFailedLogs: () => readTraceWithFailedLogs(machine),
    coverage: () => readCoverage(machine),
    edges: () => readEdges(machine),
    comparisons: () => readComparisons(machine),
    storageUses: () => readStorageUses(machine),
    flows: () => readFlows(machine),
    callEdges: () => readCallEdges(machine),
    console: () => cheats?.readConsole(machine) ?? [],
    labels: () => cheats?.readLabels(machine) ?? new Map(),
    countAsAssertion(topic) {
      turns.assertFree();
      machine.bytes().set(topic, machine.words);
      if (!calls.addAssertionTopic()) throw new RangeError("No more than eight topics stand for failed assertions.");
    },
    codeOf(number) {
      const start = calls.codeBytes(number) >>> 0;
      return machine.bytes().slice(start, start + (calls.codeLength(number) >>> 0));
    },
    watch: (address) => watch(address, true),
    unwatch: (address) => watch(address, false),
    accountAsync: (address) => turns.aloneAsync(accountAt(address)),
    slotAsync: (address, key) => turns.aloneAsync(slotAt(address, key)),
    ...readStateOf(world, give),
    ...changeByHand(world, changing, give),
    load,
    memoryUse: () => ({ taken: machine.bytes().length, inUse: Number(calls.bytesInUse()) }),
  };
}

/** Thrown for a mark that a rollback has passed. Not retryable. */
export class MarkPast extends Error {
  override readonly name = "MarkPast";
  constructor(mark: number) {
    super(`There is no mark ${mark} any more: the engine was rolled back to one before it.`);
  }
}
