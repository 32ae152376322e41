// The WebAssembly instance with its memory. Words go in and out as bigint, addresses as bigint of 160 bits. Whatever may have
// grown memory voids views of it; `bytes()` and `data()` always give one that is good.
import { assertWord } from "./assertFits.ts";
import { engineModule } from "./generated/engineModule.ts";
import { memoPrecompile } from "./memoPrecompile.ts";
import type { Precompile } from "./precompiles/Precompile.ts";

/** What the instance exports; `assembly/index.ts` says what each does. Indices of -1 and 2^32 - 1 both mean "none". */
interface Exports {
  readonly memory: WebAssembly.Memory;
  words(): number;
  blockWords(): number;
  missWords(): number;
  missKind(): number;
  edges(): number;
  blobHashes(): number;
  roomFor(length: number): number;
  roomForInput(length: number): number;
  roomForOutput(length: number): number;
  setRules(lastPrecompile: number, farPrecompile: number, hasDelegations: boolean, hasLeadingZeros: boolean): void;
  setHooks(
    edges: boolean,
    comparisons: boolean,
    storage: boolean,
    flows: boolean,
    calls: boolean,
    trace: boolean,
    assertions: boolean,
  ): void;
  addAssertionTopic(): number;
  clearCoverage(): void;
  setCheats(vm: number, console: number): void;
  setLimit(bytes: number): void;
  bytesInUse(): bigint;
  tidy(mayAsk: boolean): number;
  setSalt(mask: bigint, factor: bigint): void;
  setWorldComplete(isComplete: boolean): void;
  putBlockHash(number: bigint): void;
  reset(): void;
  addressByNonce(nonce: bigint): void;
  loadAccount(
    nonce: bigint,
    codeLength: number,
    doesExist: boolean,
    isStorageComplete: boolean,
    isGiven: boolean,
  ): number;
  loadUnknownCode(account: number): number;
  learnCode(length: number): number;
  loadSlot(account: number, isGiven: boolean): number;
  findAccount(): number;
  seeAccount(): number;
  findSlotOf(account: number): number;
  accountsStart(): number;
  slotsStart(): number;
  accountsSeen(): number;
  slotsSeen(): number;
  isEmpty(account: number): number;
  isCodeKnown(account: number): number;
  isStorageComplete(account: number): number;
  snapshot(): number;
  rollback(mark: number): void;
  abandonRun(mark: number): void;
  rewind(mark: number): void;
  advance(mark: number): void;
  setNonce(account: number, nonce: bigint): number;
  credit(account: number): number;
  debit(account: number): number;
  setStorage(account: number): number;
  setCode(account: number, length: number): number;
  touch(account: number): number;
  warm(account: number): number;
  warmKey(account: number): number;
  watch(isWatched: boolean): number;
  enterRun(from: number, to: number, coinbase: number, blobs: number): void;
  enterWithin(from: number): void;
  awaitMoment(order: number, isEnd: boolean): void;
  awaitNone(): void;
  runCall(from: number, to: number, value: number, gas: bigint, inputLength: number, isStatic: boolean): number;
  runCreation(from: number, to: number, value: number, gas: bigint, inputLength: number): number;
  resume(): number;
  runPlain(
    from: number,
    to: number,
    coinbase: number,
    value: number,
    nonce: bigint,
    gas: bigint,
    price: bigint,
    most: bigint,
    tip: bigint,
    floorPerToken: number,
    inputLength: number,
  ): number;
  endPlain(): number;
  sentAt(): number;
  gasLeft(): bigint;
  removeDestroyed(mark: number): number;
  status(): number;
  refund(): bigint;
  addRefund(amount: bigint): void;
  outputStart(): number;
  outputLength(): number;
  isExhausted(): number;
  recordsStart(which: number): number;
  recordsLength(which: number): number;
  found(): number;
  roomForBatch(count: number, bytes: number, coinbase: number): number;
  runBatch(count: number): number;
  batchResultsStart(): number;
  batchOutputsStart(): number;
  codeCount(): number;
  codeBytes(index: number): number;
  codeLength(index: number): number;
  coverageStart(code: number): number;
  coverageBlocks(code: number): number;
}

export interface Machine {
  readonly calls: Exports;
  /** Where `readWord` and `writeWord` pass words by number. */
  readonly words: number;
  /** Where `runPlain` tells what came of it. */
  readonly sent: number;
  bytes(): Uint8Array;
  data(): DataView;
  readWord(at: number): bigint;
  writeWord(at: number, value: bigint): void;
  /** The precompiled contracts by address. */
  setPrecompiles(precompiles: ReadonlyMap<number, Precompile>): void;
  /** Bounds the gas of precompiled contracts in JavaScript from here to the next call of it; undefined for none. */
  boundHost(most: bigint | undefined): void;
  /** Whether that bound was passed. */
  isHostOver(): boolean;
}

let compiled: Promise<WebAssembly.Module> | undefined;

/** Makes an instance; the module is compiled once a process. */
export async function createMachine(): Promise<Machine> {
  compiled ??= WebAssembly.compile(fromBase64(engineModule));
  let runOnce = memoPrecompile();
  let precompiles: ReadonlyMap<number, Precompile> = new Map();
  let mostHostGas: bigint | undefined;
  let hostGas = 0n;
  const instance = await WebAssembly.instantiate(await compiled, {
    precompile: {
      runHostPrecompile: (id: number, input: number, length: number, gas: bigint): bigint => {
        const precompile = precompiles.get(id);
        if (precompile === undefined) return -1n;
        // No copy: a call that does not even pay for it may have megabytes of input. The view is void once the output has a
        // place, and nobody keeps it.
        const given = bytes().subarray(input >>> 0, (input >>> 0) + (length >>> 0));
        const cost = precompile.gas(given);
        const left = gas - cost;
        if (left < 0n) return -1n;
        hostGas += cost;
        // It fails at once from here on; what comes of the run is taken back.
        if (mostHostGas !== undefined && hostGas > mostHostGas) return -1n;
        const output = runOnce(id, precompile, given);
        if (output === undefined) return -1n;
        const place = calls.roomForOutput(output.length) >>> 0;
        // No output needs no place, and a fresh instance has none.
        if (place === 0 && output.length > 0) return -1n;
        bytes().set(output, place);
        return left;
      },
    },
    Moment: {
      halt: () => {
        throw new RunHalted();
      },
    },
  });
  const calls = instance.exports as unknown as Exports;
  // Nothing that comes out depends on it; only whoever writes a contract must not know it.
  const [mask, factor] = crypto.getRandomValues(new BigInt64Array(2));
  calls.setSalt(mask!, factor!);
  let view = new Uint8Array(calls.memory.buffer);
  let dataView = new DataView(calls.memory.buffer);

  // A buffer whose memory has grown is detached, and has no bytes any more; to ask the memory for its own costs more than a word.
  function refresh(): void {
    if (view.length !== 0) return;
    view = new Uint8Array(calls.memory.buffer);
    dataView = new DataView(calls.memory.buffer);
  }
  function bytes(): Uint8Array {
    refresh();
    return view;
  }
  function data(): DataView {
    refresh();
    return dataView;
  }
  return {
    calls,
    words: calls.words(),
    sent: calls.sentAt(),
    bytes,
    data,
    readWord(at) {
      const words = data();
      const upper =
        words.getBigUint64(at + 8, true) | words.getBigUint64(at + 16, true) | words.getBigUint64(at + 24, true);
      if (upper === 0n) return words.getBigUint64(at, true);
      return (
        words.getBigUint64(at, true) |
        (words.getBigUint64(at + 8, true) << 64n) |
        (words.getBigUint64(at + 16, true) << 128n) |
        (words.getBigUint64(at + 24, true) << 192n)
      );
    },
    writeWord(at, value) {
      const words = data();
      if (value >= 0n && value <= limb) {
        words.setBigUint64(at, value, true);
        words.setBigUint64(at + 8, 0n, true);
        words.setBigUint64(at + 16, 0n, true);
        words.setBigUint64(at + 24, 0n, true);
        return;
      }
      assertWord(value);
      words.setBigUint64(at, value & limb, true);
      words.setBigUint64(at + 8, (value >> 64n) & limb, true);
      words.setBigUint64(at + 16, (value >> 128n) & limb, true);
      words.setBigUint64(at + 24, value >> 192n, true);
    },
    setPrecompiles(given) {
      // Another fork's contract may give something else.
      if (given !== precompiles) runOnce = memoPrecompile();
      precompiles = given;
    },
    boundHost(most) {
      mostHostGas = most;
      hostGas = 0n;
    },
    isHostOver: () => mostHostGas !== undefined && hostGas > mostHostGas,
  };
}

const limb = (1n << 64n) - 1n;

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  // Node's own: a tenth of the start is saved.
  if (globalThis.Buffer !== undefined) return new Uint8Array(Buffer.from(text, "base64"));
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

/** Thrown through the machine where a run comes to the moment that was awaited. Whoever awaits one catches it. */
export class RunHalted extends Error {
  override readonly name = "RunHalted";
  constructor() {
    super("The run has come to the moment at which it was to be left.");
  }
}
