// What an engine is opened on.
import { type Fork, forkNames } from "./fork.ts";
import type { Address } from "./hex.ts";
import type { HookSwitches } from "./hooks.ts";
import type { EngineBlock } from "./Transaction.ts";

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

/** The same from whoever answers at once, or has the asker wait: runs that ask nobody else go on as if all had been there. */
export interface ReadySource {
  account(address: Address): SourceAccount | undefined;
  code?(address: Address): Uint8Array;
  slot(address: Address, key: bigint): bigint;
  /** 32 bytes. */
  blockHash(number: bigint): Uint8Array;
}

export interface EngineOptions {
  readonly fork: Fork;
  readonly chainId: bigint;
  readonly block: EngineBlock;
  /** What is there from the begin, whole: the rest of the world is empty, unless a source knows it. */
  readonly accounts?: ReadonlyMap<Address, EngineAccount>;
  readonly source?: EngineSource;
  /** In place of `source`. */
  readonly readySource?: ReadySource;
  /** What is recorded of each run. Default: nothing but coverage, which costs nothing. */
  readonly hooks?: Partial<HookSwitches>;
  /** Foundry's cheat codes and console.log work, at their addresses. Default: those are accounts like any other. */
  readonly cheats?: boolean;
  /**
   * Most gas that one sent transaction may spend on precompiled contracts in JavaScript (signatures, curves, big powers): some hundred
   * times slower for their gas than anything else. Beyond it the run is taken back with `HostExhausted`. Default: as much as it has.
   */
  readonly mostHostGas?: bigint;
  /** Most memory that the instance takes. Default 2 GiB; at most 4 GiB less one page. */
  readonly memoryBytes?: number;
}

const mostMemory = 2 ** 32 - 65_536;

export function assertOptions({ fork, memoryBytes }: EngineOptions): void {
  if (!forkNames.includes(fork)) throw new ForkUnknown(fork);
  if (memoryBytes !== undefined && !(memoryBytes >= 2 ** 26 && memoryBytes <= mostMemory)) {
    throw new MemoryOutOfRange(memoryBytes);
  }
}

/** A transaction has spent more than `mostHostGas` on precompiled contracts. It was taken back. Not retryable. */
export class HostExhausted extends Error {
  override readonly name = "HostExhausted";
  constructor(most: bigint) {
    super(
      `It spends more than ${most} gas on precompiled contracts.\n- They take long for their gas, and whoever opened the engine bounds that.\n- Open it with a higher \`mostHostGas\`.`,
    );
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
