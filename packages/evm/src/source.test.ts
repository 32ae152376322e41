import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assemble } from "./assemble.testkit.ts";
import { type Address, fromHex, type Hex, toAddress, toHex } from "./hex.ts";
import { type Miss, StateNotLoaded } from "./Miss.ts";
import {
  type Engine,
  type EngineAccount,
  EngineBusy,
  type EngineOptions,
  type EngineSource,
  openEngine,
} from "./openEngine.ts";
import { generator, randomCode } from "./randomCode.testkit.ts";
import type { EngineTransaction } from "./Transaction.ts";

const sender: Address = `0x${"5e".repeat(20)}`;
const place: Address = `0x${"11".repeat(20)}`;
const other: Address = `0x${"22".repeat(20)}`;
const third: Address = `0x${"33".repeat(20)}`;
const coinbase: Address = `0x${"cb".repeat(20)}`;
const block = {
  number: 1000n,
  timestamp: 1_800_000_000n,
  gasLimit: 30_000_000n,
  baseFeePerGas: 0n,
  coinbase,
  prevRandao: 0n,
  excessBlobGas: 0n,
};
const setting = { fork: "prague", chainId: 1n, block } as const;
type World = ReadonlyMap<Address, EngineAccount>;

const account = (code: Uint8Array | string, storage: Record<number, bigint> = {}): EngineAccount => ({
  balance: 1000n,
  nonce: 1n,
  code: typeof code === "string" ? assemble(code) : code,
  storage: new Map(Object.entries(storage).map(([key, value]) => [BigInt(key), value])),
});
const hashOf = (number: bigint) => fromHex(`0x${(number * 7919n).toString(16).padStart(64, "0")}`);

/** A world as a source, with all that it was asked, in order. `before` runs before each answer. */
function sourceOf(world: World, before: (asked: number) => Promise<void> = async () => {}) {
  const asked: Miss[] = [];
  const answer = async <T>(miss: Miss, value: T): Promise<T> => {
    asked.push(miss);
    await before(asked.length);
    return value;
  };
  const source: EngineSource = {
    account: (address) => answer({ kind: "account", address }, world.get(address)),
    slot: (address, key) => answer({ kind: "slot", address, key }, world.get(address)?.storage?.get(key) ?? 0n),
    blockHash: (number) => answer({ kind: "blockHash", number }, hashOf(number)),
  };
  return { source, asked };
}
const textOf = (miss: Miss) =>
  miss.kind === "blockHash"
    ? `hash ${miss.number}`
    : miss.kind === "slot"
      ? `${miss.address}:${miss.key}`
      : miss.kind === "code"
        ? `code of ${miss.address}`
        : miss.address;

/** What a run left, as far as a caller can tell. */
function leftBy(engine: Engine, addresses: Iterable<Address>) {
  return [...addresses].map((address) => {
    const now = engine.account(address);
    if (now === undefined) return undefined;
    return [address, now.balance, now.nonce, toHex(now.code), [...now.storage!].sort(([a], [b]) => (a < b ? -1 : 1))];
  });
}

/** Block hashes that an engine without a source would have to be given: it runs on a source that has nothing else. */
const openWhole = (world: World, options: Partial<EngineOptions> = {}) =>
  openEngine({ ...setting, ...options, accounts: world, source: sourceOf(new Map()).source });
const openLazy = (source: EngineSource, options: Partial<EngineOptions> = {}) =>
  openEngine({ ...setting, ...options, source });

describe("EVM-04: what a run misses is asked for, and the run goes on", () => {
  const delegation = (to: Address) => fromHex(`0xef0100${to.slice(2)}`);
  const returning = "PUSH0 MSTORE 32 PUSH0 RETURN";
  const cases: Record<string, { code: string; asks: string[] }> = {
    "the balance of an account": { code: `${other} BALANCE ${returning}`, asks: [other] },
    "the size of its code": { code: `${other} EXTCODESIZE ${returning}`, asks: [other] },
    "the hash of its code": { code: `${other} EXTCODEHASH ${returning}`, asks: [other] },
    "an account that is called, and its slot": {
      code: `0 0 0 0 1 ${other} GAS CALL ${returning}`,
      asks: [other, `${other}:5`],
    },
    "an account that is asked without writes": { code: `0 0 0 0 ${third} GAS STATICCALL ${returning}`, asks: [third] },
    "code that runs in the caller's place, and its slot there": {
      code: `0 0 0 0 ${other} GAS DELEGATECALL ${returning}`,
      asks: [other, `${place}:5`],
    },
    "the code that an account delegates to": {
      code: `0 0 0 0 1 ${toAddress(0xde1n)} GAS CALL ${returning}`,
      asks: [toAddress(0xde1n), other, `${toAddress(0xde1n)}:5`],
    },
    "a slot that is read": { code: `5 SLOAD ${returning}`, asks: [`${place}:5`] },
    "a slot that is written": { code: "9 5 SSTORE STOP", asks: [`${place}:5`] },
    "the hash of a block": { code: `999 BLOCKHASH ${returning}`, asks: ["hash 999"] },
    "no hash of a block that is out of reach": { code: `743 BLOCKHASH 1000 BLOCKHASH ADD ${returning}`, asks: [] },
    "the heir of a contract": { code: `${third} SELFDESTRUCT`, asks: [third] },
    "the place of a new contract": {
      code: `PUSH0 PUSH0 7 CREATE ${returning}`,
      asks: [],
    },
  };

  test.each(Object.entries(cases))("EVM-04: %s", async (name, { code, asks }) => {
    const world = new Map<Address, EngineAccount>([
      [sender, account("STOP")],
      [place, account(code, { 5: 77n })],
      [other, account("5 SLOAD 1 ADD 5 SSTORE STOP", { 5: 8n })],
      [third, account("7 PUSH0 MSTORE 32 PUSH0 RETURN")],
      [toAddress(0xde1n), account(delegation(other), { 5: 3n })],
    ]);
    const { source, asked } = sourceOf(world);
    const [lazy, whole] = [await openLazy(source), await openWhole(world)];
    const message = { from: sender, to: place, gas: 500_000n };
    const found = await lazy.callAsync(message);
    const created = name === "the place of a new contract" ? [toAddress(BigInt(toHex(found.output)))] : [];
    expect(asked.map(textOf)).toEqual([sender, coinbase, place, ...(created.length > 0 ? created : asks)]);
    expect(found).toEqual(await whole.callAsync(message));
    const addresses = [...world.keys(), ...created];
    const seen = leftBy(lazy, addresses);
    // The whole world knows slots that nobody asked for; what both know is the same.
    for (const [i, left] of leftBy(whole, addresses).entries()) {
      if (seen[i] !== undefined) expect(seen[i]!.slice(0, 4)).toEqual(left!.slice(0, 4));
    }
    for (const address of [place, other, toAddress(0xde1n)]) {
      const value = lazy.slot(address, 5n);
      if (value !== undefined) expect(value).toBe(whole.slot(address, 5n));
    }
    // It all is there now.
    const before = asked.length;
    lazy.call({ ...message, isStatic: false, gas: 1n });
    expect(asked).toHaveLength(before);
  });

  test("EVM-04: an authority that the source does not know does not exist, and costs what a new account costs", async () => {
    const tx = (authority: Address): EngineTransaction => ({
      from: sender,
      to: third,
      value: 0n,
      input: new Uint8Array(),
      gas: 200_000n,
      authorizationList: [{ chainId: 1n, address: other, nonce: 0n, authority }],
    });
    const plain = (balance: bigint) => ({ balance, nonce: 0n, code: new Uint8Array() });
    const world: World = new Map([
      [sender, plain(10n ** 18n)],
      [third, plain(1n)],
      [toAddress(0xa1n), plain(1n)],
    ]);
    const gas = async (authority: Address) => {
      const lazy = await (await openLazy(sourceOf(world).source)).sendAsync(tx(authority));
      const whole = (await openEngine({ ...setting, accounts: world })).send(tx(authority));
      expect(lazy).toEqual(whole);
      return lazy.kind === "ran" ? lazy.gasUsed : 0n;
    };
    const [unknown, known] = [await gas(toAddress(0xa2n)), await gas(toAddress(0xa1n))];
    // At most a fifth of the 46,000 comes back.
    expect([unknown, known]).toEqual([46_000n, 36_800n]);
  });
});

test("EVM-04: what a run asks for that has no source ends it, says what is missing, and leaves nothing", async () => {
  const engine = await openLazy(sourceOf(new Map()).source);
  engine.load(place, account(`3 1 SSTORE ${other} BALANCE STOP`));
  for (const address of [sender, coinbase]) engine.load(address, account(new Uint8Array()));
  const mark = engine.snapshot();
  expect(() => engine.call({ from: sender, to: place, value: 5n })).toThrow(StateNotLoaded);
  expect(() => engine.call({ from: sender, to: place })).toThrow(`account ${other}`);
  expect(engine.snapshot()).toBe(mark);
  expect(leftBy(engine, [sender, place])).toEqual([
    [sender, 1000n, 1n, "0x", []],
    [place, 1000n, 1n, toHex(account(`3 1 SSTORE ${other} BALANCE STOP`).code), []],
  ]);
});

test("EVM-04: what is set by hand is put over what the source has, which a rollback gives back", async () => {
  const world: World = new Map([[place, account("7 PUSH0 MSTORE 32 PUSH0 RETURN", { 5: 77n })]]);
  const engine = await openLazy(sourceOf(world).source);
  const changes = [
    () => engine.setBalance(place, 3n),
    () => engine.setNonce(place, 9n),
    () => engine.setCode(place, fromHex("0xfe")),
    () => engine.setStorage(place, 5n, 1n),
  ];
  for (const change of changes) expect(change).toThrow(`account ${place}, which was not loaded`);
  expect(engine.account(place)).toBeUndefined();
  await engine.accountAsync(place);
  expect(changes[3]).toThrow(`slot 0x5 of ${place}, which was not loaded`);
  await engine.slotAsync(place, 5n);
  const mark = engine.snapshot();
  for (const change of changes) change();
  expect(engine.account(place)).toMatchObject({ balance: 3n, nonce: 9n, code: fromHex("0xfe") });
  expect(engine.slot(place, 5n)).toBe(1n);
  engine.rollback(mark);
  expect(engine.account(place)).toEqual(world.get(place));
});

/** Contracts that call each other, with slots and block hashes among what they do. */
function randomWorld(seed: number): World {
  const next = generator(seed);
  const at = (n: number) => toAddress(0xc0de00n + BigInt(n));
  const world = new Map<Address, EngineAccount>([[sender, { balance: 10n ** 20n, nonce: 3n, code: new Uint8Array() }]]);
  for (let n = 0; n < 8; n++) {
    const touched = Array.from({ length: 3 }, () => next(4));
    const steps = touched.map((key) => `${key} SLOAD ${next(9)} ADD ${next(4)} SSTORE ${990 + next(12)} BLOCKHASH POP`);
    const calls = Array.from({ length: next(3) }, () => {
      const kind = ["CALL", "DELEGATECALL", "STATICCALL"][next(3)]!;
      return `0 32 0 0 ${kind === "CALL" ? next(2) : ""} ${at(next(10))} ${20_000 + next(90_000)} ${kind} POP`;
    });
    const ends = ["STOP", "PUSH0 PUSH0 REVERT", "32 PUSH0 RETURN", `${at(next(10))} SELFDESTRUCT`];
    const text = [...steps, ...calls, "PUSH0 PUSH0 LOG0"].sort(() => next(3) - 1).join(" ");
    const code = n % 4 === 3 ? randomCode(next) : assemble(`${text} ${ends[next(ends.length)]}`);
    world.set(
      at(n),
      account(n === 6 ? fromHex(`0xef0100${at(next(6)).slice(2)}`) : code, {
        [next(4)]: BigInt(next(50)),
        [next(4)]: 1n,
      }),
    );
  }
  return world;
}

test("EVM-04: with any part of the world loaded, runs are those of an engine that has all of it, and nothing is asked twice", async () => {
  let questions = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1 }),
      fc.nat(255),
      fc.array(fc.nat(7), { minLength: 4, maxLength: 10 }),
      async (seed, mask, targets) => {
        const world = randomWorld(seed);
        const { source, asked } = sourceOf(world);
        const contracts = [...world.keys()].slice(1);
        const loaded = new Map([...world].filter(([address]) => (mask & (1 << contracts.indexOf(address))) !== 0));
        const lazy = await openLazy(source, { accounts: loaded });
        const whole = await openWhole(world);
        for (const [i, n] of targets.entries()) {
          const common = {
            from: sender,
            to: contracts[n]!,
            value: BigInt(i % 2),
            input: new Uint8Array(),
            gas: 400_000n,
          };
          const run = async (engine: Engine) => ({
            ...(i % 3 === 0 ? await engine.sendAsync(common) : await engine.callAsync(common)),
            logs: engine.logs(),
          });
          const marks = [lazy.snapshot(), whole.snapshot()] as const;
          expect(await run(lazy)).toEqual(await run(whole));
          if (i % 4 === 3) {
            lazy.rollback(marks[0]);
            whole.rollback(marks[1]);
          }
        }
        for (const address of world.keys()) {
          const [a, b] = [lazy.account(address), whole.account(address)!];
          if (a === undefined) continue;
          expect([a.balance, a.nonce, toHex(a.code)]).toEqual([b.balance, b.nonce, toHex(b.code)]);
          for (let key = 0n; key < 4n; key++) {
            const value = lazy.slot(address, key);
            if (value !== undefined) expect(value).toBe(whole.slot(address, key) ?? 0n);
          }
        }
        const texts = asked.map(textOf);
        expect(new Set(texts).size).toBe(texts.length);
        questions += texts.length;
      },
    ),
    { numRuns: 20 },
  );
  expect(questions).toBeGreaterThan(150);
});

test("EVM-04: a source that throws ends the run with its error, takes everything back, and the next run starts anew", async () => {
  for (let failing = 1; ; failing++) {
    const world = randomWorld(41);
    const target = [...world.keys()][1]!;
    let isDown = true;
    const down = new Error("the node is gone");
    const { source } = sourceOf(world, async (asked) => {
      if (isDown && asked === failing) throw down;
    });
    const lazy = await openLazy(source);
    const mark = lazy.snapshot();
    const message = { from: sender, to: target, value: 1n, gas: 400_000n };
    const first = await lazy.callAsync(message).catch((error: unknown) => error);
    if (first !== down) {
      expect(failing).toBeGreaterThan(5);
      return;
    }
    expect(lazy.snapshot()).toBe(mark);
    expect(lazy.account(sender)?.balance ?? 10n ** 20n).toBe(10n ** 20n);
    isDown = false;
    const whole = await openWhole(world);
    expect(await lazy.callAsync(message)).toEqual(await whole.callAsync(message));
    expect(lazy.logs()).toEqual(whole.logs());
  }
});

test("EVM-04: while a run waits, whatever else would change the engine is refused, and then goes well", async () => {
  const world = randomWorld(7);
  let answer = () => {};
  const { source } = sourceOf(world, () => new Promise((done) => (answer = done)));
  const engine = await openLazy(source);
  const message = { from: sender, to: [...world.keys()][2]!, gas: 400_000n };
  let isOver = false;
  const running = engine.callAsync(message).finally(() => {
    isOver = true;
  });
  const tx = { ...message, value: 0n, input: new Uint8Array() };
  await expect(engine.callAsync(message)).rejects.toThrow(EngineBusy);
  await expect(engine.sendAsync(tx)).rejects.toThrow(EngineBusy);
  for (const refused of [
    () => engine.call(message),
    () => engine.send(tx),
    () => engine.batch([tx]),
    () => engine.rollback(engine.snapshot()),
    () => engine.setHooks({ edges: true }),
    () => engine.clearCoverage(),
    () => engine.setBalance(sender, 1n),
    () => engine.setNonce(sender, 1n),
    () => engine.setCode(sender, new Uint8Array()),
    () => engine.setStorage(sender, 1n, 1n),
    () => engine.load(third, account("STOP")),
    () => engine.setBlock({ ...setting.block, number: 1n }),
    () => engine.watch(sender),
    () => engine.unwatch(sender),
    () => engine.countAsAssertion(new Uint8Array(32)),
  ]) {
    expect(refused).toThrow(EngineBusy);
  }
  while (!isOver) {
    answer();
    await new Promise((done) => setImmediate(done));
  }
  expect(await running).toEqual(await (await openWhole(world)).callAsync(message));
  expect(() => engine.setHooks({ edges: true })).not.toThrow();
});

const tokenFile = createRequire(import.meta.url).resolve("@uniswap/v2-core/build/ERC20.json");
const selectors = { transfer: "a9059cbb", approve: "095ea7b3", transferFrom: "23b872dd" };

test("EVM-04: a token runs on a source as it runs where its whole state is loaded", async () => {
  const { bytecode } = JSON.parse(readFileSync(tokenFile, "utf8")) as { readonly bytecode: string };
  const word = (value: bigint | number | string) => BigInt(value).toString(16).padStart(64, "0");
  const creation = `0x${bytecode.replace(/^0x/, "")}${word(1000)}`;
  const maker = await openEngine({ ...setting });
  const token = maker.call({ from: sender, to: null, input: fromHex(creation), gas: 20_000_000n }).created!;
  const world: World = new Map([[token, maker.account(token)!]]);
  const users = [sender, third, other];
  const user = fc.constantFrom(...users);
  const amount = fc.bigInt(0n, 100n);
  const call = (name: keyof typeof selectors, ...values: (bigint | string)[]) =>
    fromHex(`0x${selectors[name]}${values.map(word).join("")}`);
  const step = fc.record({
    from: user,
    input: fc.oneof(
      fc.tuple(user, amount).map(([to, n]) => call("transfer", to, n)),
      fc.tuple(user, amount).map(([to, n]) => call("approve", to, n)),
      fc.tuple(user, user, amount).map(([from, to, n]) => call("transferFrom", from, to, n)),
    ),
    isTakenBack: fc.boolean(),
  });
  let succeeded = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
      const { source, asked } = sourceOf(world);
      const lazy = await openLazy(source);
      const whole = await openWhole(world);
      for (const { from, input, isTakenBack } of steps) {
        const marks = [lazy.snapshot(), whole.snapshot()] as const;
        const found = { ...(await lazy.callAsync({ from, to: token, input })), logs: lazy.logs() };
        expect(found).toEqual({ ...(await whole.callAsync({ from, to: token, input })), logs: whole.logs() });
        if (found.succeeded) succeeded++;
        if (!isTakenBack) continue;
        lazy.rollback(marks[0]);
        whole.rollback(marks[1]);
      }
      // Slots that nobody asked for are as they were.
      const begin = world.get(token)!.storage!;
      const storage = new Map([...begin, ...lazy.account(token)!.storage!].filter(([, value]) => value !== 0n));
      for (const key of begin.keys()) if (lazy.slot(token, key) === 0n) storage.delete(key);
      expect(storage).toEqual(whole.account(token)!.storage);
      expect(new Set(asked.map(textOf)).size).toBe(asked.length);
    }),
    { numRuns: 15 },
  );
  expect(succeeded).toBeGreaterThan(50);
});

const folder = join(process.env.TESTUDO_DATA ?? "", "blocks");
const isHere = process.env.TESTUDO_DATA !== undefined && existsSync(folder);

interface RecordedAccount {
  readonly balance: Hex;
  readonly nonce: number;
  readonly code: Hex | null;
  readonly storage?: { readonly [key: Hex]: Hex };
}
interface RecordedTransaction {
  readonly from: Address;
  readonly to?: Address | null;
  readonly [field: string]: unknown;
}

function readBlock(name: string) {
  const file = JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString()) as {
    readonly block: { readonly [field: string]: Hex } & { readonly transactions: readonly RecordedTransaction[] };
    readonly preState: { readonly [address: Address]: RecordedAccount };
  };
  const world = new Map<Address, EngineAccount>();
  for (const [address, { balance, nonce, code, storage }] of Object.entries(file.preState)) {
    const slots = Object.entries(storage ?? {}).map(([key, value]): [bigint, bigint] => [BigInt(key), BigInt(value)]);
    const bytes = fromHex(code ?? "0x");
    world.set(address as Address, {
      balance: BigInt(balance),
      nonce: BigInt(nonce),
      code: bytes,
      storage: new Map(slots),
    });
  }
  const number = (field: string) => BigInt(file.block[field] ?? "0x0");
  const header = {
    number: number("number"),
    timestamp: number("timestamp"),
    gasLimit: number("gasLimit"),
    baseFeePerGas: number("baseFeePerGas"),
    coinbase: file.block.miner!,
    prevRandao: number("mixHash"),
    excessBlobGas: number("excessBlobGas"),
  };
  const transactions = file.block.transactions
    .filter((tx) => tx.to !== null && tx.to !== undefined && tx.blobVersionedHashes === undefined)
    .map((tx): EngineTransaction => {
      const of = (field: string) => BigInt(tx[field] as string);
      const price =
        tx.maxFeePerGas === undefined
          ? { gasPrice: of("gasPrice") }
          : { maxFeePerGas: of("maxFeePerGas"), maxPriorityFeePerGas: of("maxPriorityFeePerGas") };
      return {
        from: tx.from,
        to: tx.to!,
        value: of("value"),
        input: fromHex(tx.input as string),
        gas: of("gas"),
        ...price,
      };
    });
  return { world, header, transactions };
}

describe.skipIf(!isHere)("recorded mainnet blocks (set TESTUDO_DATA to run)", () => {
  test("EVM-04: transactions of recorded blocks end on a source as they end where their state is loaded", async () => {
    let ran = 0;
    for (const name of readdirSync(folder)
      .filter((name) => name.endsWith(".gz"))
      .slice(0, 2)) {
      const { world, header, transactions } = readBlock(name);
      const { source, asked } = sourceOf(world);
      const options = { ...setting, fork: "cancun", block: header } as const;
      const lazy = await openEngine({ ...options, source });
      const whole = await openEngine({ ...options, accounts: world, source: sourceOf(new Map()).source });
      for (const tx of transactions) {
        const found = { ...(await lazy.sendAsync(tx)), logs: lazy.logs() };
        expect(found).toEqual({ ...(await whole.sendAsync(tx)), logs: whole.logs() });
        if (found.kind === "ran" && found.succeeded && found.logs.length > 0) ran++;
      }
      expect(new Set(asked.map(textOf)).size).toBe(asked.length);
    }
    expect(ran).toBeGreaterThan(20);
  });
});
