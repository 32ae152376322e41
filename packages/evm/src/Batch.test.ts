import { beforeAll, expect, test } from "vitest";
import { assemble } from "./assemble.testkit.ts";
import { BatchMissesState } from "./Batch.ts";
import { type Engine, openEngine } from "./openEngine.ts";

const sender = "0x00000000000000000000000000000000000000aa";
// PUSH0 CALLDATALOAD PUSH0 SLOAD ADD DUP1 PUSH0 SSTORE PUSH0 MSTORE PUSH1 32 PUSH0 RETURN: adds to slot 0 and returns it.
const counter = "0x00000000000000000000000000000000000000c0";
const code = Uint8Array.from(Buffer.from("5f355f540180" + "5f555f5260205ff3", "hex"));
const block = {
  number: 1n,
  timestamp: 1n,
  gasLimit: 1n << 40n,
  baseFeePerGas: 0n,
  coinbase: "0x00000000000000000000000000000000000000cb",
  prevRandao: 0n,
  excessBlobGas: 0n,
} as const;
const accounts = new Map([[counter, { balance: 0n, nonce: 1n, code }]] as const);
let engine: Engine;

beforeAll(async () => {
  engine = await openEngine({ fork: "cancun", chainId: 1n, block, accounts });
});

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes[31] = value;
  return bytes;
}

function words256(...values: bigint[]): Uint8Array {
  return Uint8Array.from(Buffer.from(values.map((value) => value.toString(16).padStart(64, "0")).join(""), "hex"));
}

/** An engine with `code` at the counter's place that records comparisons. */
function recording(bytes: Uint8Array): Promise<Engine> {
  const own = new Map([[counter, { balance: 0n, nonce: 1n, code: bytes }]] as const);
  return openEngine({ fork: "cancun", chainId: 1n, block, accounts: own, hooks: { comparisons: true } });
}

const call = { from: sender, to: counter, gas: 100_000n, inputLength: 32, wantsOutput: true } as const;

test("EVM-05, EVM-11: a batch is written once, changed in place and run again", () => {
  const batch = engine.openBatch();
  const [first, second] = [batch.add(call), batch.add({ ...call, takesBack: "batch" })];
  batch.input(first).set(word(3));
  batch.input(second).set(word(4));
  batch.run();
  expect([first, second].map((i) => batch.output(i)[31])).toEqual([3, 7]);
  batch.input(first)[31] = 40;
  batch.run();
  expect([first, second].map((i) => batch.output(i)[31])).toEqual([40, 44]);
  expect(engine.slot(counter, 0n)).toBe(0n);
});

test("EVM-05: what a call of a batch wrote is taken back alone, with its gas and output told", () => {
  const batch = engine.openBatch();
  const [kept, taken, view] = [
    batch.add(call),
    batch.add({ ...call, takesBack: "itself" }),
    batch.add({ ...call, isStatic: true, takesBack: "batch" }),
  ];
  for (const index of [kept, taken, view]) batch.input(index).set(word(1));
  batch.run();
  expect([kept, taken].map((i) => [batch.succeeded(i), batch.output(i)[31]])).toEqual([
    [true, 1],
    [true, 2],
  ]);
  expect([batch.succeeded(view), batch.error(view), batch.gasUsed(view)]).toEqual([
    false,
    "write protection",
    100_000n,
  ]);
  expect(engine.slot(counter, 0n)).toBe(0n);
});

test("EVM-05: many calls with call data of many lengths stay apart while the batch grows", () => {
  const batch = engine.openBatch();
  const added = Array.from({ length: 300 }, (_, i) => batch.add({ ...call, inputLength: 32 + i, takesBack: "itself" }));
  for (const index of added) batch.input(index).set(word(index % 200));
  batch.run();
  expect(added.map((index) => batch.output(index)[31])).toEqual(added.map((index) => index % 200));
});

test("EVM-06: of a batch the operands are kept of calls that ran something new, and of no others", async () => {
  // PUSH0 CALLDATALOAD PUSH1 9 EQ PUSH1 9 JUMPI STOP JUMPDEST STOP.
  const branch = Uint8Array.from(Buffer.from("5f35600914600957005b00", "hex"));
  const own = await openEngine({
    fork: "cancun",
    chainId: 1n,
    block,
    accounts: new Map([[counter, { balance: 0n, nonce: 1n, code: branch }]]),
    hooks: { comparisons: true },
  });
  const batch = own.openBatch();
  for (const value of [1, 2, 9, 9]) batch.input(batch.add(call)).set(word(value));
  batch.run();
  expect([0, 1, 2, 3].map((i) => batch.found(i) > 0)).toEqual([true, false, true, false]);
  expect(own.comparisons().map(({ left, right }) => [left, right])).toEqual([
    [9n, 1n],
    [9n, 9n],
  ]);
});

test("EVM-06: a message says whether its operands are kept always or never", async () => {
  const branch = Uint8Array.from(Buffer.from("5f35600914600957005b00", "hex"));
  const own = await openEngine({
    fork: "cancun",
    chainId: 1n,
    block,
    accounts: new Map([[counter, { balance: 0n, nonce: 1n, code: branch }]]),
    hooks: { comparisons: true },
  });
  const batch = own.openBatch();
  for (const keepsComparisons of ["never", "always", "always"] as const)
    batch.input(batch.add({ ...call, keepsComparisons })).set(word(5));
  batch.run();
  expect([0, 1, 2].map((i) => batch.comparisons(i).count)).toEqual([0, 1, 1]);
  const { words, begin } = batch.comparisons(2);
  // EQ at offset 4 that does not hold, in some code, 9 and 5 from the lowest bits on.
  expect([words[begin], words[begin + 2], words[begin + 10]]).toEqual([(0x14 << 24) + 4, 9, 5]);
});

test("EVM-06: a record of a comparison has its outcome, which is what the code went on with", async () => {
  const operations = { LT: 0x10, GT: 0x11, SLT: 0x12, SGT: 0x13, EQ: 0x14, ISZERO: 0x15 };
  const edges = [0n, 1n, 2n, 1n << 64n, 1n << 128n, (1n << 255n) - 1n, 1n << 255n, (1n << 256n) - 1n];
  for (const [name, operation] of Object.entries(operations)) {
    const compares = name === "ISZERO" ? "PUSH0 CALLDATALOAD ISZERO" : `32 CALLDATALOAD PUSH0 CALLDATALOAD ${name}`;
    const batch = (await recording(assemble(`${compares} PUSH0 MSTORE 32 PUSH0 RETURN`))).openBatch();
    const pairs = edges.flatMap((left) => edges.map((right) => words256(left, right)));
    for (const input of pairs)
      batch.input(batch.add({ ...call, inputLength: 64, keepsComparisons: "always", takesBack: "itself" })).set(input);
    batch.run();
    for (const i of pairs.keys()) {
      const { words, begin, count } = batch.comparisons(i);
      const [head, outcome] = [words[begin]!, batch.output(i)[31]!];
      expect([count, head >>> 31, (head >>> 24) & 0x7f]).toEqual([1, outcome, operation]);
    }
  }
});

test("EVM-05: a message that is added again has the call data and the sender of the first, and both change apart", () => {
  const batch = engine.openBatch();
  const first = batch.add({ ...call, takesBack: "itself" });
  batch.input(first).set(word(3));
  const second = batch.addAgain(first);
  const third = batch.addAgain(first);
  batch.input(second)[31] = 40;
  batch.setSender(third, counter);
  batch.run();
  expect([first, second, third].map((i) => batch.output(i)[31])).toEqual([3, 40, 3]);
  expect(engine.slot(counter, 0n)).toBe(0n);
});

test("EVM-06: equal changes have equal fingerprints, no change has none, and time passes and comes back", async () => {
  // SSTORE(0, CALLDATALOAD(0)) and, where the word is 7, SSTORE(1, TIMESTAMP).
  const store = Uint8Array.from(Buffer.from("5f355f555f35600714600d57005b4260015500", "hex"));
  const own = await openEngine({
    fork: "cancun",
    chainId: 1n,
    block,
    accounts: new Map([[counter, { balance: 0n, nonce: 1n, code: store }]]),
  });
  const batch = own.openBatch();
  const later = { ...call, gas: 100_000n, takesBack: "itself", wantsOutput: false } as const;
  for (const [value, seconds] of [
    [3, 0],
    [3, 0],
    [4, 0],
    [0, 0],
    [7, 13],
    [7, 14],
    [7, 13],
  ] as const)
    batch.input(batch.add({ ...later, seconds })).set(word(value));
  batch.run();
  const prints = [0, 1, 2, 3, 4, 5, 6].map((i) => batch.fingerprint(i));
  expect(prints.map((print) => prints.indexOf(print))).toEqual([0, 0, 2, 3, 4, 5, 4]);
  expect(own.slot(counter, 1n) ?? 0n).toBe(0n);
});

test("EVM-06: a batch counts blocks and edges once, and writes once, where it records operands", async () => {
  const withHooks = async (comparisons: boolean) => {
    const own = await openEngine({ fork: "cancun", chainId: 1n, block, accounts, hooks: { comparisons, edges: true } });
    const batch = own.openBatch();
    for (const value of [1, 2]) batch.input(batch.add(call)).set(word(value));
    batch.run();
    const results = [0, 1].map((i) => [batch.found(i), batch.gasUsed(i), batch.output(i)[31]]);
    return { results, edges: own.edges(), slot: own.slot(counter, 0n), coverage: own.coverage() };
  };
  expect(await withHooks(true)).toEqual(await withHooks(false));
});

test("EVM-05: a batch sees no gas price and no blobs of a transaction before it", async () => {
  // GASPRICE PUSH0 MSTORE PUSH0 BLOBHASH PUSH1 32 MSTORE PUSH1 64 PUSH0 RETURN.
  const priced = Uint8Array.from(Buffer.from("3a5f525f4960205260405ff3", "hex"));
  const own = await openEngine({
    fork: "cancun",
    chainId: 1n,
    block,
    accounts: new Map([
      [counter, { balance: 0n, nonce: 1n, code: priced }],
      [sender, { balance: 1n << 100n, nonce: 0n, code: new Uint8Array() }],
    ]),
  });
  const hash = new Uint8Array(32).fill(1);
  const blobs = { maxFeePerBlobGas: 1n, blobVersionedHashes: [hash] };
  const tx = { from: sender, to: counter, value: 0n, input: new Uint8Array(), gas: 100_000n, gasPrice: 7n } as const;
  const sent = own.send({ ...tx, ...blobs });
  expect(sent.kind === "ran" && Buffer.from(sent.output).toString("hex")).toBe(
    `${"7".padStart(64, "0")}${"01".repeat(32)}`,
  );
  const batch = own.openBatch();
  batch.add({ ...call, inputLength: 0 });
  batch.run();
  expect(batch.output(0)).toEqual(new Uint8Array(64));
});

test("EVM-05: a batch names what it misses, goes on with that message muted, and loses no find by it", async () => {
  const [known, nobody] = [
    "0x00000000000000000000000000000000000000c1",
    "0x000000000000000000000000000000000000dead",
  ] as const;
  const source = {
    account: async (address: string) => (address === counter ? { balance: 0n, nonce: 1n, code } : undefined),
    slot: async () => 5n,
    blockHash: async () => new Uint8Array(32),
  };
  const own = await openEngine({ fork: "cancun", chainId: 1n, block, source });
  own.load(known, { balance: 0n, nonce: 1n, code: Uint8Array.from([...code, 0]) });
  for (const address of [sender, counter, nobody, block.coinbase] as const) await own.accountAsync(address);
  const batch = own.openBatch();
  batch.input(batch.add({ ...call, to: known, takesBack: "itself" })).set(word(1));
  batch.input(batch.add(call)).set(word(1));
  const missed = { index: 1, miss: { kind: "slot", address: counter, key: 0n } };
  expect(() => batch.run()).toThrow(expect.objectContaining(missed));
  batch.mute(1, nobody);
  batch.run();
  expect(batch.found(0)).toBeGreaterThan(0);
  expect([batch.output(0)[31], batch.succeeded(1), batch.fingerprint(1), batch.found(1)]).toEqual([1, true, 0, 0]);
  batch.run();
  expect(batch.found(0)).toBe(0);
});

test("EVM-04, EVM-05: where a source answers at once, a batch runs as if all had been there, and asks for nothing twice", async () => {
  const asked: string[] = [];
  const readySource = {
    account(address: string) {
      asked.push(address);
      return address === counter ? { balance: 3n, nonce: 1n, code } : undefined;
    },
    slot(address: string, key: bigint) {
      asked.push(`${address}:${key}`);
      return 5n;
    },
    blockHash: () => new Uint8Array(32),
  };
  const lazy = await openEngine({ fork: "cancun", chainId: 1n, block, readySource });
  const accounts = new Map([[counter, { balance: 3n, nonce: 1n, code, storage: new Map([[0n, 5n]]) }]] as const);
  const whole = await openEngine({ fork: "cancun", chainId: 1n, block, accounts });
  const told = [lazy, whole].map((own) => {
    const batch = own.openBatch();
    for (const value of [1, 2, 7]) batch.input(batch.add({ ...call, takesBack: "itself" })).set(word(value));
    return [1, 2].map(() => {
      batch.run();
      return [0, 1, 2].map((i) => [batch.output(i).join(), batch.succeeded(i), batch.found(i), batch.gasUsed(i)]);
    });
  });
  expect(told[0]).toEqual(told[1]);
  expect(new Set(asked).size).toBe(asked.length);
  expect(asked).toContain(`${counter}:0`);
  // By hand and by one call it is the same.
  expect([lazy.slot(counter, 9n), lazy.account(counter)?.balance]).toEqual([5n, 3n]);
  lazy.setStorage(counter, 8n, 1n);
  expect(lazy.slot(counter, 8n)).toBe(1n);
});

test("error: what a source that answers at once throws ends the batch, which keeps nothing and runs again", async () => {
  let isThere = false;
  const readySource = {
    account: () => ({ balance: 0n, nonce: 1n, code }),
    slot() {
      if (!isThere) throw new RangeError("pruned");
      return 5n;
    },
    blockHash: () => new Uint8Array(32),
  };
  const own = await openEngine({ fork: "cancun", chainId: 1n, block, readySource });
  const batch = own.openBatch();
  batch.input(batch.add(call)).set(word(1));
  const before = own.snapshot();
  expect(() => batch.run()).toThrow("pruned");
  expect(own.snapshot()).toBe(before);
  isThere = true;
  batch.run();
  expect([batch.succeeded(0), batch.found(0) > 0]).toEqual([true, true]);
});

test("error: a batch that misses state keeps nothing", async () => {
  const source = {
    account: async () => ({ balance: 0n, nonce: 1n, code }),
    slot: async () => 5n,
    blockHash: async () => new Uint8Array(32),
  };
  const own = await openEngine({ fork: "cancun", chainId: 1n, block, source });
  // Without the gas to come to its first read: the account is there then, and its slot is not.
  const early = await own.callAsync({ from: sender, to: counter, input: word(1), gas: 1n });
  expect(early.error).toBe("out of gas");
  const batch = own.openBatch();
  batch.input(batch.add(call)).set(word(1));
  expect(() => batch.run()).toThrow(BatchMissesState);
  const loaded = await own.callAsync({ from: sender, to: counter, input: word(1), gas: 100_000n });
  expect(loaded.output[31]).toBe(6);
  batch.run();
  expect(batch.output(0)[31]).toBe(7);
});
