import { describe, expect, test } from "vitest";
import { assemble } from "./assemble.testkit.ts";
import { type Address, fromHex, toAddress } from "./hex.ts";
import { type Attack, accountsOf, attack, counting, forever, placeOf } from "./hostile/Attack.testkit.ts";
import { attacks } from "./hostile/attacks.testkit.ts";
import { emptyTally, runHostile } from "./hostile/runHostile.testkit.ts";
import { type Engine, type EngineOptions, openEngine } from "./openEngine.ts";
import type { EngineTransaction } from "./Transaction.ts";
import { EngineMemoryExhausted } from "./World.ts";

const attacker: Address = `0x${"a7".repeat(20)}`;
const bystander: Address = `0x${"b5".repeat(20)}`;
const large: Address = `0x${"1a".repeat(20)}`;
const MiB = 2 ** 20;
const least = 64 * MiB;
const block = {
  number: 20_000_000n,
  timestamp: 1_750_000_000n,
  gasLimit: 30_000_000n,
  mostGas: 1n << 62n,
  baseFeePerGas: 0n,
  coinbase: `0x${"cb".repeat(20)}`,
  prevRandao: 5n,
  excessBlobGas: 0n,
} as const;
const ether = 10n ** 18n;
// Adds its call data to slot 0, logs the sum, hashes it and returns the hash.
const honest = assemble(
  "0 CALLDATALOAD 0 SLOAD ADD DUP1 0 SSTORE 0 MSTORE 0x20 0 LOG0 0x20 0 KECCAK256 0 MSTORE 0x20 0 RETURN",
);

const open = (given: Attack, options: Partial<EngineOptions> = {}): Promise<Engine> =>
  openEngine({
    fork: "prague",
    chainId: 1n,
    block,
    accounts: new Map([
      ...accountsOf(given),
      [attacker, { balance: 1000n * ether, nonce: 0n, code: new Uint8Array() }],
      // Wants one block of 16 MiB: of all that was in small pieces before.
      [large, { balance: 0n, nonce: 1n, code: assemble("7 0xb00000 MSTORE 0xb00000 MLOAD 0 MSTORE 0x20 0 RETURN") }],
      [bystander, { balance: 5n, nonce: 1n, code: honest, storage: new Map([[0n, 7n]]) }],
    ]),
    ...options,
  });

/** What a contract that has nothing to do with the attack gives, and what stands there then; taken back. */
function honestRun(engine: Engine) {
  const mark = engine.snapshot();
  const input = new Uint8Array(32).fill(9, 31);
  const sent = engine.send({ from: attacker, to: bystander, value: 0n, input, gas: 100_000n });
  const left = { sent, logs: engine.logs(), account: engine.account(bystander), sum: engine.slot(bystander, 0n) };
  engine.rollback(mark);
  return left;
}

describe("EVM-08: what means harm ends within its gas and leaves a good engine", () => {
  test.each(attacks.map((given) => [given.name, given] as const))("EVM-08: %s", async (_, given) => {
    const engine = await open(given, { memoryBytes: 2 * least });
    const fresh = honestRun(await open(given));
    const mark = engine.snapshot();
    const gas = 2_500_000n;
    const { succeeded, error, gasUsed, output } = engine.call({ from: attacker, to: placeOf(0), gas });
    expect(succeeded).toBe(error === undefined);
    expect(gasUsed >= 0n && gasUsed <= gas).toBe(true);
    expect(output.length).toBeLessThan(4 * MiB);
    expect(engine.memoryUse().taken).toBeLessThanOrEqual(2 * least);
    engine.rollback(mark);
    expect(honestRun(engine)).toEqual(fresh);
  });
});

// Each is a run whose gas pays for more than 64 MiB.
interface Flood {
  readonly given: Attack;
  readonly gas: bigint;
  readonly options?: Partial<EngineOptions>;
}
const plenty = 1n << 40n;
const flood = (...codes: readonly string[]): Flood => ({ given: attack("", ...codes), gas: plenty });
const callTree = flood(`0 0x010000 MSTORE ${forever(`0 0 0x010000 0 0 ${placeOf(1)} GAS CALL POP`)}`, "STOP");
// Each is a run whose gas pays for more than 64 MiB.
const floods: Record<string, Flood> = {
  "the memory of a frame": { ...flood(counting("DUP1 0x100000 MUL 0 SWAP1 MSTORE")), gas: 1n << 45n },
  "memory beyond all limits": { ...flood("1 0x3fffffe0 MSTORE"), gas: 1n << 45n },
  "the memory of 1,024 frames": flood(`0 0x010000 MSTORE 0 0 0 0 0 ${placeOf(0)} GAS CALL`),
  output: flood(`0 0 0 0 0 ${placeOf(1)} GAS CALL`, "0x02000000 0 RETURN"),
  "slots and their journal": flood(counting("DUP1 DUP1 SSTORE")),
  "slots that are read": flood(counting("DUP1 SLOAD POP")),
  "transient slots": flood(counting("DUP1 DUP1 TSTORE")),
  accounts: flood(counting("DUP1 BALANCE POP")),
  "accounts that are called": flood(counting("0 0 0 0 0 DUP6 0x0100000000 MUL GAS CALL POP")),
  logs: flood(forever("0x010000 0 LOG0")),
  "the call tree": { ...callTree, options: { hooks: { trace: true } } },
  "the call tree, with memory for more": { ...callTree, options: { hooks: { trace: true }, memoryBytes: 2 ** 31 } },
  contracts: { given: attacks.find(({ name }) => name === "creations")!, gas: plenty },
  "the output of a precompiled contract": flood("0 0x02000000 MSTORE 0 0 0x02000000 0 4 GAS STATICCALL"),
};

describe("EVM-08: where memory is exhausted the run says so and is taken back, and the engine goes on", () => {
  test.each(Object.entries(floods))("EVM-08: %s", async (_, { given, gas, options = {} }) => {
    const limit = options.memoryBytes ?? least;
    const engine = await open(given, { memoryBytes: limit, ...options });
    const fresh = honestRun(await open(given, { memoryBytes: limit, ...options }));
    engine.setBalance(attacker, 77n * ether);
    const mark = engine.snapshot();
    const state = () => [engine.snapshot(), ...[attacker, placeOf(0)].map((address) => engine.account(address))];
    const before = state();
    for (let again = 0; again < 2; again++) {
      expect(() => engine.call({ from: attacker, to: placeOf(0), gas })).toThrow(EngineMemoryExhausted);
      expect(state()).toEqual(before);
      expect([engine.logs(), engine.trace()]).toEqual([[], undefined]);
      const tx = { from: attacker, to: placeOf(0), value: 1n, input: new Uint8Array(), gas };
      expect(() => engine.send(tx)).toThrow(EngineMemoryExhausted);
      expect(state()).toEqual(before);
      expect(engine.memoryUse().taken).toBeLessThanOrEqual(limit);
    }
    const batch = engine.openBatch();
    batch.add({ from: attacker, to: bystander, gas: 100_000n, inputLength: 0 });
    batch.add({ from: attacker, to: placeOf(0), gas, inputLength: 0 });
    if (options.hooks === undefined) expect(() => batch.run()).toThrow(EngineMemoryExhausted);
    expect(state()).toEqual(before);
    engine.rollback(mark);
    engine.setBalance(attacker, 1000n * ether);
    expect(honestRun(engine)).toEqual(fresh);
    expect(engine.call({ from: attacker, to: large, gas: plenty }).output[31]).toBe(7);
  });

  const many = Array.from({ length: 60_000 }, (_, i) => BigInt(i) << 128n);
  const authorities = many.map((key) => toAddress((key >> 100n) + 1n));
  const places = authorities.flatMap((address) => [1n, 2n, 3n, 4n].map((by) => toAddress(BigInt(address) * 8n + by)));
  const transactions: Record<string, Partial<EngineTransaction>> = {
    "an access list": { accessList: places.slice(0, 5).map((address) => ({ address, storageKeys: many })) },
    "addresses in an access list": { accessList: places.map((address) => ({ address, storageKeys: [] })) },
    authorizations: {
      authorizationList: authorities.map((authority) => ({ chainId: 1n, address: authority, nonce: 0n, authority })),
    },
  };

  test.each(Object.entries(transactions))("EVM-08: %s", async (_, part) => {
    const quiet = attack("", "STOP");
    const engine = await open(quiet, { memoryBytes: least });
    const fresh = honestRun(await open(quiet, { memoryBytes: least }));
    const mark = engine.snapshot();
    const tx = {
      from: attacker,
      to: bystander,
      value: 0n,
      input: new Uint8Array(),
      gas: 1n << 40n,
      gasPrice: 0n,
      ...part,
    };
    expect(() => engine.send(tx)).toThrow(EngineMemoryExhausted);
    expect(engine.snapshot()).toBe(mark);
    expect(honestRun(engine)).toEqual(fresh);
  });

  test("EVM-08: what a host loads or sets beyond the limit is refused, and what was there stays", async () => {
    const engine = await open(attack("", "STOP"), { memoryBytes: least });
    const fresh = honestRun(engine);
    const storage = new Map(Array.from({ length: 400_000 }, (_, i) => [BigInt(i), 1n]));
    const account = { balance: 0n, nonce: 1n };
    const refused = [
      () => engine.load(toAddress(1n << 90n), { ...account, code: honest, storage }),
      () => engine.load(toAddress(1n << 91n), { ...account, code: new Uint8Array(64 * MiB) }),
      () => engine.call({ from: attacker, to: bystander, input: new Uint8Array(40 * MiB) }),
      () => {
        for (let i = 0n; ; i++) engine.setStorage(bystander, i, 1n);
      },
    ];
    for (const refusal of refused) expect(refusal).toThrow(EngineMemoryExhausted);
    engine.rollback(0);
    expect(honestRun(engine)).toEqual(fresh);
  });
});

test("error: code that no chain lets run is refused by the decoder, however long it is", async () => {
  const engine = await open(attack("", new Uint8Array(9 * MiB).fill(0x5b)));
  expect(() => engine.call({ from: attacker, to: placeOf(0) })).toThrow(EngineMemoryExhausted);
  const batch = engine.openBatch();
  batch.add({ from: attacker, to: placeOf(0), gas: 100_000n, inputLength: 0 });
  expect(() => batch.run()).toThrow(EngineMemoryExhausted);
});

test("EVM-08: a view that calls precompiled contracts with megabytes which it does not pay for takes no longer than what it pays", async () => {
  const lasts = async (length: string) => {
    const engine = await open(attack("", `0 0x1fffe0 MSTORE ${forever(`0 0 ${length} 0 2 0 STATICCALL POP`)}`));
    const start = performance.now();
    engine.call({ from: attacker, to: placeOf(0), gas: 12_000_000n });
    return performance.now() - start;
  };
  const [short, long] = [await lasts("0x20"), await lasts("0x200000")];
  // A copy of each would take minutes.
  expect(long).toBeLessThan(short * 10 + 500);
});

test("EVM-08: random attacks of four seeds, each on one engine, end as they must", async () => {
  const tally = emptyTally();
  for (let seed = 1; seed <= 4; seed++) await runHostile(seed, 60, tally);
  expect(tally).toMatchObject({ runs: 240 });
  expect(tally.compared).toBeGreaterThan(7);
  expect(tally.taken).toBeLessThanOrEqual(2 ** 28);
});

test("EVM-08: a constant that takes more room decoded than as code does no harm", async () => {
  // PUSH9 of 2^72 - 1, nine hundred times, then a loop that jumps over them: what stands behind must still be there.
  const constants = `68${"ff".repeat(9)}50`.repeat(2_000);
  const given = attack("", fromHex(`0x5f54${constants}60015f555f545f5260205ff3`));
  const engine = await open(given);
  const others = await open(attack("", "STOP"));
  expect(engine.call({ from: attacker, to: placeOf(0), gas: 100_000n }).output[31]).toBe(1);
  expect(honestRun(engine)).toEqual(honestRun(others));
});
