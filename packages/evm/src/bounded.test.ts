import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assemble } from "./assemble.testkit.ts";
import { block } from "./block.testkit.ts";
import { type Address, toAddress } from "./hex.ts";
import { type Engine, type EngineAccount, type EngineOptions, type EngineSource, openEngine } from "./openEngine.ts";
import { EngineMemoryExhausted } from "./World.ts";

const alice: Address = `0x${"a1".repeat(20)}`;
const store: Address = `0x${"d1".repeat(20)}`;
const looker: Address = `0x${"100c".repeat(10)}`;
const MiB = 2 ** 20;
const least = 64 * MiB;
const setting = { fork: "cancun", chainId: 1n, block } as const;
const none = new Uint8Array();
// Without call data it makes an empty contract; else it stores the second word under the first, adds up what it was sent by
// whom, and returns its caller.
const storing = assemble(
  `CALLDATASIZE @store JUMPI 0 0 CALLVALUE CREATE STOP
   :store 0x20 CALLDATALOAD 0 CALLDATALOAD SSTORE CALLER SLOAD CALLVALUE ADD CALLER SSTORE CALLER 0 MSTORE 0x20 0 RETURN`,
);
// Looks at one account, or one slot of its own, after the other, from the first word on, until the gas is at an end.
const looking = (look: string) => assemble(`0 CALLDATALOAD :again 1 ADD DUP1 ${look} POP @again JUMP`);

const accounts = new Map<Address, EngineAccount>([
  [alice, { balance: 10n ** 18n, nonce: 0n, code: none }],
  [store, { balance: 0n, nonce: 1n, code: storing, storage: new Map([[1n, 5n]]) }],
  [looker, { balance: 0n, nonce: 1n, code: looking("BALANCE") }],
]);
const open = (options: Partial<EngineOptions> = {}) => openEngine({ ...setting, accounts, ...options });
const wordOf = (value: bigint) =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * (31 - i))) & 0xffn));
const write = (key: bigint, value: bigint) => Uint8Array.from([...wordOf(key), ...wordOf(value)]);
const far = (round: number) => wordOf(BigInt(round + 1) << 100n);

/** Makes the engine drop what it can before the next run: a run failed for want of memory. */
function dropAll(engine: Engine): void {
  const input = new Uint8Array(engine.memoryUse().taken);
  expect(() => engine.call({ from: alice, to: store, input })).toThrow(EngineMemoryExhausted);
}

describe("EVM-08: what was only looked at does not fill memory", () => {
  const ways = ["BALANCE", "SLOAD", "TLOAD"].flatMap((look) => [true, false].map((isKept) => ({ look, isKept })));

  test.each(ways)("EVM-08: $look for as long as one likes, runs kept: $isKept", async ({ look, isKept }) => {
    const engine = await open({ memoryBytes: least });
    engine.load(looker, { balance: 0n, nonce: 1n, code: looking(look) });
    for (let round = 0; round < 60; round++) {
      const mark = engine.snapshot();
      expect(engine.call({ from: alice, to: looker, input: far(round) }).error).toBe("out of gas");
      if (!isKept) engine.rollback(mark);
    }
    expect(engine.memoryUse().taken).toBeLessThanOrEqual(least);
    // Each look took more than 190 bytes with its place in the table, and there were 690,000 of accounts, 850,000 of slots.
    expect(engine.memoryUse().inUse).toBeLessThan(32 * MiB);
  });

  test("EVM-08: contracts that are created and taken back for as long as one likes", async () => {
    const engine = await open();
    for (let round = 0; round < 400; round++) {
      const mark = engine.snapshot();
      // Init code of jump destinations, none like another: 800 kB when decoded.
      const input = new Uint8Array(24_576).fill(0x5b);
      input.set([0x61, round >> 8, round & 0xff]);
      expect(engine.call({ from: alice, to: null, input })).toMatchObject({ succeeded: true });
      engine.rollback(mark);
    }
    expect(engine.memoryUse().taken).toBeLessThan(256 * MiB);
    expect(engine.coverage().length).toBeGreaterThan(0);
  });
});

const step = fc.oneof(
  fc.record({
    kind: fc.constant("write" as const),
    key: fc.bigInt(0n, 3n),
    value: fc.bigInt(0n, 2n),
    wei: fc.bigInt(0n, 9n),
  }),
  fc.record({ kind: fc.constant("make" as const), wei: fc.bigInt(0n, 9n) }),
  fc.record({ kind: fc.constant("look" as const), at: fc.nat(50) }),
  fc.record({ kind: fc.constant("set" as const), key: fc.bigInt(0n, 3n), value: fc.bigInt(0n, 2n) }),
  fc.record({ kind: fc.constant("mark" as const) }),
  fc.record({ kind: fc.constant("back" as const), to: fc.nat() }),
  fc.record({ kind: fc.constant("rewind" as const), to: fc.nat() }),
  fc.record({ kind: fc.constant("drop" as const) }),
);

const stateOf = (engine: Engine) => [
  [...engine.accounts()]
    .map(([address, { balance, nonce, code }]) => `${address} ${balance} ${nonce} ${code.length}`)
    .sort(),
  [0n, 1n, 2n, 3n, BigInt(alice)].map((key) => engine.slot(store, key) ?? 0n),
];

test("EVM-08: marks, states and results are those of an engine that drops nothing, whenever the other one does", async () => {
  let drops = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 40 }), async (steps) => {
      const engines = [await open({ memoryBytes: least }), await open()] as const;
      const marks: (readonly [number, number])[] = [[engines[0].snapshot(), engines[1].snapshot()]];
      for (const one of steps) {
        const results = engines.map((engine, i) => {
          const to = (n: number) => marks[n % marks.length]![i]!;
          const common = { from: alice, to: store, gas: 300_000n };
          if (one.kind === "write") {
            return engine.send({ ...common, value: one.wei, input: write(one.key, one.value) });
          }
          if (one.kind === "make") return engine.send({ ...common, value: one.wei, input: none });
          if (one.kind === "look") return engine.call({ ...common, to: looker, input: far(one.at), gas: 100_000n });
          if (one.kind === "set") return engine.setStorage(store, one.key, one.value);
          if (one.kind === "back") return engine.rollback(to(one.to));
          if (one.kind === "rewind") {
            const comeBack = engine.rewind(to(one.to));
            if (i === 0) dropAll(engine);
            const here = engine.snapshot();
            const seen = [engine.call({ ...common, input: write(2n, 9n) }), stateOf(engine)];
            engine.rollback(here);
            comeBack();
            return seen;
          }
          if (one.kind === "drop" && i === 0) {
            dropAll(engine);
            drops++;
          }
          return undefined;
        });
        expect(results[0]).toEqual(results[1]);
        expect(stateOf(engines[0])).toEqual(stateOf(engines[1]));
        if (one.kind === "mark") marks.push([engines[0].snapshot(), engines[1].snapshot()]);
        if (one.kind === "back") marks.splice((one.to % marks.length) + 1);
      }
      for (const [i, engine] of engines.entries()) engine.rollback(marks[0]![i]!);
      expect(stateOf(engines[0])).toEqual(stateOf(engines[1]));
    }),
    { numRuns: 25 },
  );
  expect(drops).toBeGreaterThan(20);
});

test("EVM-08: an open batch goes on with its senders and contracts after their places are others", async () => {
  const engine = await open({ memoryBytes: least });
  // Accounts that are only looked at stand before those of the batch, and go.
  engine.call({ from: alice, to: looker, input: far(1), gas: 1_000_000n });
  const senders = [1n, 2n, 3n].map((n) => toAddress(0xbeef00n + n));
  const batch = engine.openBatch();
  for (const from of senders) batch.add({ from, to: store, gas: 200_000n, inputLength: 64, wantsOutput: true, takesBack: "itself" });
  const run = () => {
    batch.run();
    return senders.map((_, i) => toAddress(batch.output(i).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)));
  };
  expect(run()).toEqual(senders);
  dropAll(engine);
  const other = toAddress(0xca11e7n);
  batch.setSender(1, other);
  expect(run()).toEqual([senders[0], other, senders[2]]);
  dropAll(engine);
  expect(run()).toEqual([senders[0], other, senders[2]]);
  expect(batch.add({ from: alice, to: store, gas: 1n, inputLength: 0 })).toBe(3);
}); // biome-ignore format: a line a message

test("EVM-08: who is watched is still watched, and what code is covered is still told, after a drop and a rollback", async () => {
  const engine = await open({ memoryBytes: least, hooks: { flows: true } });
  const receiver = toAddress(0x77n << 32n);
  const mark = engine.snapshot();
  engine.send({ from: alice, to: receiver, value: 3n, input: none, gas: 30_000n });
  engine.watch(receiver);
  dropAll(engine);
  engine.rollback(mark);
  dropAll(engine);
  engine.send({ from: alice, to: receiver, value: 4n, input: none, gas: 30_000n });
  expect(engine.flows()).toEqual([{ token: undefined, from: alice, to: receiver, amount: 4n }]);
});

test("EVM-08: cheat codes find their places after a drop", async () => {
  const engine = await open({ memoryBytes: least, cheats: true });
  engine.call({ from: alice, to: looker, input: far(1), gas: 1_000_000n });
  const harness: Address = `0x${"4a".repeat(20)}`;
  // vm.deal(0xd0, 9), and then the balance of 0xd0.
  const vm = "0x7109709ecfa91a80626ff3989d68f67f5b1dd12d";
  const deal = `0xc88a5e6d 0 MSTORE 0xd0 0x20 MSTORE 9 0x40 MSTORE 0 0 0x44 0x1c 0 ${vm} GAS CALL POP`;
  engine.load(harness, { balance: 0n, nonce: 1n, code: assemble(`${deal} 0xd0 BALANCE 0 MSTORE 0x20 0 RETURN`) });
  for (let round = 0; round < 3; round++) {
    const mark = engine.snapshot();
    expect(engine.call({ from: alice, to: harness }).output[31]).toBe(9);
    engine.rollback(mark);
    dropAll(engine);
  }
});

describe("EVM-08: state of a source", () => {
  const sourced = (asked: Map<string, number>): EngineSource => {
    const count = (what: string) => asked.set(what, (asked.get(what) ?? 0) + 1);
    return {
      account: async (address) => {
        count(address);
        return accounts.get(address) ?? { balance: 1n, nonce: 0n, code: none };
      },
      slot: async (address, key) => {
        count(`${address}:${key}`);
        return accounts.get(address)?.storage?.get(key) ?? 0n;
      },
      blockHash: async () => new Uint8Array(32),
    };
  };
  const given: Address = `0x${"91".repeat(20)}`;
  const message = { from: alice, to: store, value: 2n, input: write(1n, 8n), gas: 200_000n };
  const fill = async (engine: Engine) => {
    for (let round = 0; round < 12; round++) {
      const mark = engine.snapshot();
      await engine.callAsync({ from: alice, to: looker, input: far(round) });
      engine.rollback(mark);
    }
  };

  test("EVM-08: what it gave and nobody changed is asked for again; what was changed, or given by hand, never", async () => {
    const asked = new Map<string, number>();
    const engine = await openEngine({ ...setting, source: sourced(asked), memoryBytes: least });
    engine.load(given, { balance: 6n, nonce: 2n, code: none, storage: new Map([[3n, 4n]]) });
    const begin = engine.snapshot();
    const seen = toAddress(0x5ee4n);
    expect(await engine.accountAsync(seen)).toMatchObject({ balance: 1n });
    expect(await engine.slotAsync(store, 2n)).toBe(0n);
    expect(await engine.callAsync(message)).toMatchObject({ succeeded: true });
    await fill(engine);
    expect(engine.memoryUse().taken).toBeLessThanOrEqual(least);
    expect(asked.get(seen)).toBe(1);
    // It was dropped: it is asked for once more, and comes back as it was.
    expect(await engine.accountAsync(seen)).toMatchObject({ balance: 1n });
    expect(await engine.slotAsync(store, 2n)).toBe(0n);
    expect([asked.get(seen), asked.get(`${store}:2`)]).toEqual([2, 2]);
    expect([asked.get(store), asked.get(`${store}:1`), asked.get(given)]).toEqual([1, 1, undefined]);
    expect([engine.slot(store, 1n), engine.account(store)!.balance]).toEqual([8n, 2n]);
    expect(engine.account(given)).toMatchObject({ balance: 6n, storage: new Map([[3n, 4n]]) });
    engine.rollback(begin);
    expect([engine.slot(store, 1n), engine.account(store)!.balance]).toEqual([5n, 0n]);
    expect(asked.get(`${store}:1`)).toBe(1);
  });

  test("EVM-08: a run that cannot ask loses nothing that it would have to ask for", async () => {
    const asked = new Map<string, number>();
    const engine = await openEngine({ ...setting, source: sourced(asked), memoryBytes: least });
    const begin = engine.snapshot();
    const first = await engine.callAsync(message);
    engine.rollback(begin);
    for (let round = 0; round < 3; round++) {
      dropAll(engine);
      expect(engine.call(message)).toEqual(first);
      engine.rollback(begin);
    }
  });
});

test("EVM-08: codes that memory holds in one form keep what is known to have run, though some run in two", async () => {
  // 24 KB of DUP1 PUSH1 1 EQ POP behind what makes each another code.
  const pattern = [0x80, 0x60, 1, 0x14, 0x50];
  const large = (i: number) =>
    Uint8Array.from({ length: 24_576 }, (_, at) => (at < 3 ? [0x61, i >> 8, i & 0xff][at]! : pattern[(at - 3) % 5]!));
  const places = Array.from({ length: 24 }, (_, i): Address => `0x${(0xc0de00 + i).toString(16).padStart(40, "0")}`);
  const engine = await openEngine({
    ...setting,
    accounts: new Map(places.map((place, i) => [place, { balance: 0n, nonce: 1n, code: large(i) }])),
    hooks: { comparisons: true },
    memoryBytes: least,
  });
  const foundBy = () =>
    engine.batch(places.map((to) => ({ from: alice, to, input: none, gas: 1_000_000n }))).map(({ found }) => found);
  expect(foundBy()).toEqual(places.map(() => 1));
  expect(foundBy()).toEqual(places.map(() => 0));
});
