// State inside the machine, by address: what a run begins with is loaded, what a person or a transaction changes is
// journaled and can be taken back.
import { assertNonce } from "./assertFits.ts";
import { type Address, toAddress } from "./hex.ts";
import type { Machine } from "./Machine.ts";
import type { Run } from "./Miss.ts";

const none = 0xffffffff;
// As `assembly/Accounts.ts` and `assembly/Slots.ts` lay them out.
const account = { size: 144, balance: 32, codeHash: 64, nonce: 96, flags: 104, code: 108, slots: 124, filled: 128 };
const slot = { size: 120, value: 32, account: 96, next: 108, isLoaded: 112 };
const exists = 1;
const noCode = new Uint8Array();

/** An account as it stands in the engine. */
export interface WorldAccount {
  readonly address: Address;
  readonly balance: bigint;
  readonly nonce: bigint;
  readonly code: Uint8Array;
  readonly codeHash: Uint8Array;
  /** It is in the state trie: not empty, or empty from the begin and never touched. */
  readonly isThere: boolean;
}

export interface LoadedAccount {
  readonly balance: bigint;
  readonly nonce: bigint;
  /** Undefined where only its hash is known: a run that enters it asks for it. */
  readonly code: Uint8Array | undefined;
  /** Wanted where the code is not known. */
  readonly codeHash?: Uint8Array;
}

export interface World {
  /** Index of an account that is loaded, once it is. */
  need(address: Address): Run<number>;
  /** Index of an account that was seen, or undefined. */
  find(address: Address): number | undefined;
  /** Puts an account as it was before everything. Slots that were not given are zero if its storage is whole. */
  load(address: Address, given: LoadedAccount, isStorageWhole: boolean, doesExist?: boolean): number;
  loadSlot(index: number, key: bigint, value: bigint): void;
  /** The same, of what nobody can be asked for again. */
  keep(address: Address, given: LoadedAccount): number;
  keepSlot(index: number, key: bigint, value: bigint): void;
  /** Changes whenever indices of before are void. */
  readonly generation: number;
  /** Between runs: gives memory back where too much is in use; with `mayAsk` also state that must be asked for again. */
  tidy(mayAsk: boolean): void;
  /** Gives code in place of what was known by this hash only. */
  learnCode(code: Uint8Array): void;
  at(index: number): WorldAccount;
  balanceOf(index: number): bigint;
  nonceOf(index: number): bigint;
  codeOf(index: number): Uint8Array;
  /** Bytes of the code, without a copy of it. */
  codeLengthOf(index: number): number;
  /** The value of a slot if it is known. */
  slotOf(index: number, key: bigint): bigint | undefined;
  /** The value of a slot, once it is known. */
  needSlot(index: number, key: bigint): Run<bigint>;
  isCodeKnown(index: number): boolean;
  /** Ends once the account's code is known. */
  needCode(index: number): Run<void>;
  /** Slots of an account that were seen and are not zero. */
  storageOf(index: number): Map<bigint, bigint>;
  /** Where the account's next creation puts its contract. */
  addressCreatedBy(index: number): Address;
  setNonce(index: number, nonce: bigint): void;
  credit(index: number, wei: bigint): void;
  debit(index: number, wei: bigint): void;
  setCode(index: number, code: Uint8Array): void;
  setStorage(index: number, key: bigint, value: bigint): void;
  warmKey(index: number, key: bigint): void;
  watch(address: Address, isWatched: boolean): void;
  /** Every account that was seen. */
  all(): WorldAccount[];
  count(): number;
  forget(): void;
}

export function createWorld(machine: Machine): World {
  const { calls, words } = machine;
  const indices = new Map<Address, number>();
  let generation = 0;

  const found = (index: number): number | undefined => (index >>> 0 === none ? undefined : index >>> 0);
  const entryOf = (index: number): number => (calls.accountsStart() >>> 0) + index * account.size;
  const passed = (good: number | boolean): void => {
    if (!good) throw new EngineMemoryExhausted();
  };
  const upload = (code: Uint8Array): void => {
    const place = calls.roomFor(code.length) >>> 0;
    passed(place !== 0);
    machine.bytes().set(code, place);
  };
  const codeBytes = (index: number): Uint8Array => {
    const code = machine.data().getUint32(entryOf(index) + account.code, true);
    const start = calls.codeBytes(code) >>> 0;
    return machine.bytes().slice(start, start + (calls.codeLength(code) >>> 0));
  };

  function find(address: Address): number | undefined {
    const known = indices.get(address);
    if (known !== undefined) return known;
    machine.writeWord(words, BigInt(address));
    const index = found(calls.findAccount());
    if (index !== undefined) indices.set(address, index);
    return index;
  }

  function* need(address: Address): Run<number> {
    for (;;) {
      const known = indices.get(address);
      if (known !== undefined) return known;
      machine.writeWord(words, BigInt(address));
      const index = found(calls.seeAccount());
      if (index !== undefined) indices.set(address, index);
      if (index !== undefined) return index;
      passed(!calls.isExhausted());
      yield { kind: "account", address };
    }
  }

  function at(index: number): WorldAccount {
    const entry = entryOf(index);
    const data = machine.data();
    const address = toAddress(machine.readWord(entry));
    const isMarked = (data.getUint32(entry + account.flags, true) & exists) !== 0;
    return {
      address,
      balance: machine.readWord(entry + account.balance),
      nonce: data.getBigUint64(entry + account.nonce, true),
      code: codeBytes(index),
      codeHash: machine.bytes().slice(entry + account.codeHash, entry + account.codeHash + 32),
      isThere: isMarked || !calls.isEmpty(index),
    };
  }

  function all(): WorldAccount[] {
    return Array.from({ length: calls.accountsSeen() >>> 0 }, (_, index) => at(index));
  }

  function slotOf(index: number, key: bigint): bigint | undefined {
    machine.writeWord(words, key);
    const at = found(calls.findSlotOf(index));
    if (at === undefined) return undefined;
    const entry = (calls.slotsStart() >>> 0) + at * slot.size;
    return machine.data().getUint32(entry + slot.isLoaded, true) === 0
      ? undefined
      : machine.readWord(entry + slot.value);
  }

  function* needSlot(index: number, key: bigint): Run<bigint> {
    for (;;) {
      const value = slotOf(index, key);
      if (value !== undefined) return value;
      if (calls.isStorageComplete(index)) return 0n;
      yield { kind: "slot", address: toAddress(machine.readWord(entryOf(index))), key };
    }
  }

  function* needCode(index: number): Run<void> {
    while (!calls.isCodeKnown(index)) yield { kind: "code", address: toAddress(machine.readWord(entryOf(index))) };
  }

  function put(address: Address, given: LoadedAccount, isWhole: boolean, doesExist: boolean, isKept: boolean): number {
    assertNonce(given.nonce);
    const code = given.code ?? noCode;
    upload(code);
    machine.writeWord(words, BigInt(address));
    machine.writeWord(words + 32, given.balance);
    const index = found(calls.loadAccount(BigInt.asIntN(64, given.nonce), code.length, doesExist, isWhole, isKept));
    if (index === undefined) throw new EngineMemoryExhausted();
    if (given.code === undefined) {
      machine.bytes().set(given.codeHash!, words + 64);
      passed(calls.loadUnknownCode(index));
    }
    indices.set(address, index);
    return index;
  }

  function putSlot(index: number, key: bigint, value: bigint, isKept: boolean): void {
    machine.writeWord(words, key);
    machine.writeWord(words + 32, value);
    passed(found(calls.loadSlot(index, isKept)) !== undefined);
  }

  return {
    get generation() {
      return generation;
    },
    tidy(mayAsk) {
      if (!calls.tidy(mayAsk)) return;
      generation++;
      indices.clear();
    },
    need,
    find,
    slotOf,
    needSlot,
    needCode,
    isCodeKnown: (index) => calls.isCodeKnown(index) !== 0,
    load: (address, given, isStorageWhole, doesExist = true) => put(address, given, isStorageWhole, doesExist, false),
    loadSlot: (index, key, value) => putSlot(index, key, value, false),
    keep: (address, given) => put(address, given, true, true, true),
    keepSlot: (index, key, value) => putSlot(index, key, value, true),
    learnCode(code) {
      upload(code);
      passed(calls.learnCode(code.length));
    },
    at,
    balanceOf: (index) => machine.readWord(entryOf(index) + account.balance),
    nonceOf: (index) => machine.data().getBigUint64(entryOf(index) + account.nonce, true),
    codeOf: codeBytes,
    codeLengthOf: (index) => calls.codeLength(machine.data().getUint32(entryOf(index) + account.code, true)) >>> 0,
    storageOf(index) {
      const storage = new Map<bigint, bigint>();
      const data = machine.data();
      let next = data.getUint32(entryOf(index) + account.slots, true);
      while (next !== 0) {
        const entry = (calls.slotsStart() >>> 0) + (next - 1) * slot.size;
        const value = machine.readWord(entry + slot.value);
        if (value !== 0n) storage.set(machine.readWord(entry), value);
        next = data.getUint32(entry + slot.next, true);
      }
      return storage;
    },
    addressCreatedBy(index) {
      machine.writeWord(words, machine.readWord(entryOf(index)));
      calls.addressByNonce(BigInt.asIntN(64, machine.data().getBigUint64(entryOf(index) + account.nonce, true)));
      return toAddress(machine.readWord(words + 32));
    },
    setNonce(index, nonce) {
      assertNonce(nonce);
      passed(calls.setNonce(index, BigInt.asIntN(64, nonce)));
    },
    credit(index, wei) {
      machine.writeWord(words, wei);
      passed(calls.credit(index));
    },
    debit(index, wei) {
      machine.writeWord(words, wei);
      passed(calls.debit(index));
    },
    setCode(index, code) {
      upload(code);
      passed(calls.setCode(index, code.length));
    },
    setStorage(index, key, value) {
      machine.writeWord(words, key);
      machine.writeWord(words + 32, value);
      passed(calls.setStorage(index));
    },
    warmKey(index, key) {
      machine.writeWord(words, key);
      passed(calls.warmKey(index));
    },
    watch(address, isWatched) {
      machine.writeWord(words, BigInt(address));
      passed(calls.watch(isWatched));
    },
    all,
    count: () => calls.accountsSeen() >>> 0,
    forget() {
      calls.reset();
      indices.clear();
    },
  };
}

/** Thrown where the engine has no memory left for what it was given. What was there stays. Retryable with a higher limit. */
export class EngineMemoryExhausted extends Error {
  override readonly name = "EngineMemoryExhausted";
  constructor() {
    super("The engine's memory is exhausted.\n- Open it with a higher `memoryBytes`, or run less on one state.");
  }
}
