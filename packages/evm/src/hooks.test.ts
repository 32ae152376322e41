import fc from "fast-check";
import { expect, test } from "vitest";
import { assemble } from "./assemble.testkit.ts";
import { type Address, fromHex, toAddress } from "./hex.ts";
import type { HookSwitches } from "./hooks.ts";
import { type Engine, type EngineAccount, openEngine } from "./openEngine.ts";
import { generator, randomCode } from "./randomCode.testkit.ts";

const sender: Address = `0x${"5e".repeat(20)}`;
const place: Address = `0x${"11".repeat(20)}`;
const other: Address = `0x${"22".repeat(20)}`;
const token: Address = `0x${"70".repeat(20)}`;
const block = {
  number: 100n,
  timestamp: 1_800_000_000n,
  gasLimit: 30_000_000n,
  baseFeePerGas: 0n,
  coinbase: `0x${"cb".repeat(20)}` as Address,
  prevRandao: 0n,
  excessBlobGas: 0n,
};
const everything: HookSwitches = {
  edges: true,
  comparisons: true,
  storage: true,
  flows: true,
  calls: true,
  trace: true,
  assertions: true,
};

function open(codes: Record<Address, string | Uint8Array>, hooks: Partial<HookSwitches> = {}): Promise<Engine> {
  const accounts = new Map<Address, EngineAccount>([
    [sender, { balance: 10n ** 20n, nonce: 0n, code: new Uint8Array() }],
  ]);
  for (const [address, code] of Object.entries(codes)) {
    const bytes = typeof code === "string" ? assemble(code) : code;
    accounts.set(address as Address, { balance: 1000n, nonce: 1n, code: bytes });
  }
  return openEngine({ fork: "cancun", chainId: 1n, block, accounts, hooks });
}
const words = (...values: bigint[]) => fromHex(`0x${values.map((v) => v.toString(16).padStart(64, "0")).join("")}`);
const ask = (engine: Engine, ...values: bigint[]) => engine.call({ from: sender, to: place, input: words(...values) });

// Offsets: 0 PUSH0, 1 CALLDATALOAD, 2 PUSH2, 5 JUMPI | 6 PUSH1, 8 PUSH0, 9 SSTORE | 10 STOP | 11 JUMPDEST …
const branching = "PUSH0 CALLDATALOAD @yes JUMPI 1 PUSH0 SSTORE STOP :yes GAS POP PUSH0 PUSH0 REVERT";

test("EVM-06: coverage lists the blocks of the code and tells which of them ran", async () => {
  const engine = await open({ [place]: branching });
  expect(engine.coverage()).toEqual([]);
  ask(engine, 0n);
  // A block ends behind what may jump, and behind SSTORE and GAS, which need the exact gas.
  const offsets = [0, 6, 10, 11, 13];
  expect(engine.coverage()).toEqual([{ code: 1, codeBytes: 17, offsets, isCovered: [true, true, true, false, false] }]);
  ask(engine, 1n);
  expect(engine.coverage()[0]!.isCovered).toEqual([true, true, true, true, true]);
});

test("EVM-06: a batch says which of its calls reached a block or an edge that none reached before", async () => {
  for (const edges of [false, true]) {
    const engine = await open({ [place]: branching }, { edges });
    const call = (value: bigint) => ({ from: sender, to: place, input: words(value), gas: 100_000n });
    const found = engine.batch([call(0n), call(0n), call(1n), call(1n), call(0n)]).map((result) => result.found);
    expect(found, `edges ${edges}`).toEqual(edges ? [6, 0, 4, 0, 0] : [3, 0, 2, 0, 0]);
  }
});

test("EVM-06: a block that ran while comparisons were recorded is nothing new where they are not, and the other way round", async () => {
  const engine = await open({ [place]: branching }, { comparisons: true });
  const call = (value: bigint) => ({ from: sender, to: place, input: words(value), gas: 100_000n });
  // A message by itself records them; of a batch only what finds something new is run so, once more.
  const isCovered = () => engine.coverage()[0]!.isCovered;
  ask(engine, 0n);
  expect(engine.batch([call(0n), call(1n), call(1n)]).map(({ found }) => found)).toEqual([0, 2, 0]);
  expect(isCovered()).toEqual([true, true, true, true, true]);
  engine.clearCoverage();
  expect(engine.batch([call(1n), call(0n)]).map(({ found }) => found)).toEqual([3, 2]);
  ask(engine, 1n);
  expect(isCovered()).toEqual([true, true, true, true, true]);
  expect(engine.batch([call(0n), call(1n)]).map(({ found }) => found)).toEqual([0, 0]);
  engine.setHooks({ comparisons: false });
  expect(engine.coverage()).toEqual([]);
  expect(engine.batch([call(0n), call(0n)]).map(({ found }) => found)).toEqual([3, 0]);
});

test("EVM-06: edges count the pairs of blocks that followed each other, up to 255", async () => {
  const engine = await open({ [place]: "PUSH0 CALLDATALOAD :loop 1 SWAP1 SUB DUP1 @loop JUMPI STOP" }, { edges: true });
  const counts = () => [...engine.edges()].filter((count) => count > 0).sort((a, b) => a - b);
  ask(engine, 5n);
  // Into the loop, round it four times, out of it; and the begin of the run.
  expect(counts()).toEqual([1, 1, 1, 4]);
  ask(engine, 400n);
  expect(counts()).toEqual([2, 2, 2, 255]);
  engine.clearCoverage();
  expect(counts()).toEqual([]);
  expect(engine.coverage()).toEqual([]);
  ask(engine, 5n);
  expect(counts()).toEqual([1, 1, 1, 4]);
  expect(engine.coverage()[0]!.isCovered).toEqual([true, true, true]);
});

test("EVM-06: operands of comparisons are told with their place, the topmost first", async () => {
  const engine = await open(
    { [place]: "7 32 CALLDATALOAD LT POP 9 PUSH0 CALLDATALOAD SGT POP 3 CALLDATASIZE SLT 64 CALLDATALOAD GT STOP" },
    { comparisons: true },
  );
  ask(engine, 5n, 6n, 1n);
  expect(engine.comparisons()).toMatchObject([
    { offset: 5, left: 6n, right: 7n },
    { offset: 11, left: 5n, right: 9n },
    { offset: 16, left: 96n, right: 3n },
    { offset: 20, left: 1n, right: 0n },
  ]);
});

test("EVM-06: comparisons are told where fused instructions would hide them", async () => {
  const fused = {
    // DUP1 PUSH4 EQ PUSH2 JUMPI finds a function; PUSH1 EQ, ISZERO PUSH2 JUMPI and ISZERO ISZERO are one each.
    selector: "PUSH0 CALLDATALOAD 224 SHR DUP1 0x11223344 EQ @found JUMPI STOP :found STOP",
    constant: "PUSH0 CALLDATALOAD 224 SHR 5 EQ POP STOP",
    branch: "PUSH0 CALLDATALOAD 224 SHR ISZERO @zero JUMPI STOP :zero STOP",
    // What negates an outcome compares nothing; optimizers ask by a difference whether two words differ.
    twice: "PUSH0 CALLDATALOAD 224 SHR ISZERO ISZERO STOP",
    negated: "PUSH0 CALLDATALOAD 224 SHR 7 LT DUP1 ISZERO POP POP STOP",
    difference: "9 PUSH0 CALLDATALOAD 224 SHR DUP2 SUB @zero JUMPI STOP :zero STOP",
    dropped: "9 PUSH0 CALLDATALOAD 224 SHR 8 SUB SWAP1 POP @zero JUMPI STOP :zero STOP",
    sum: "9 PUSH0 CALLDATALOAD 224 SHR DUP2 SUB POP STOP",
  };
  const engine = await open({ [place]: fused.selector }, { comparisons: true });
  const input = fromHex(`0x55667788${"00".repeat(28)}`);
  const found = Object.entries(fused).map(([name, code]) => {
    engine.setCode(place, assemble(code));
    engine.call({ from: sender, to: place, input });
    return [name, engine.comparisons().map(({ offset, left, right }) => [offset, left, right])];
  });
  expect(found).toEqual([
    ["selector", [[11, 0x11223344n, 0x55667788n]]],
    ["constant", [[7, 5n, 0x55667788n]]],
    ["branch", [[5, 0x55667788n, 0n]]],
    ["twice", [[5, 0x55667788n, 0n]]],
    ["negated", [[7, 7n, 0x55667788n]]],
    ["difference", [[8, 9n, 0x55667788n]]],
    ["dropped", [[9, 8n, 0x55667788n]]],
    ["sum", []],
  ]);
});

test("EVM-06: values that storage gave and took are told in their order, with whose they are", async () => {
  const engine = await open(
    {
      [place]: `PUSH0 SLOAD POP 5 7 SSTORE 0 0 0 0 ${other} GAS DELEGATECALL 0 0 0 0 0 ${other} GAS CALL STOP`,
      [other]: "7 SLOAD 1 ADD 7 SSTORE STOP",
    },
    { storage: true },
  );
  engine.setStorage(place, 0n, 3n);
  ask(engine);
  const use = (kind: string, address: Address, key: bigint, value: bigint) => ({ kind, address, key, value });
  expect(engine.storageUses()).toEqual([
    use("loaded", place, 0n, 3n),
    use("stored", place, 7n, 5n),
    use("loaded", place, 7n, 5n),
    use("stored", place, 7n, 6n),
    use("loaded", other, 7n, 0n),
    use("stored", other, 7n, 1n),
  ]);
});

test("EVM-06: who called whom is told without the call tree, in the order of the tree", async () => {
  const engine = await open(
    {
      [place]: `0xaabbccdd PUSH0 MSTORE 0 0 4 28 3 ${other} GAS CALL 0 0 0 0 ${other} GAS STATICCALL 0 0 2 30 ${other} GAS DELEGATECALL 0 0 1 CREATE STOP`,
      [other]: "PUSH0 PUSH0 REVERT",
    },
    { calls: true },
  );
  ask(engine, 1n);
  const created = engine.callEdges().at(-1)!.to;
  expect(engine.callEdges()).toEqual([
    { type: "CALL", from: sender, to: place, selector: "0x00000000", value: 0n },
    { type: "CALL", from: place, to: other, selector: "0xaabbccdd", value: 3n },
    { type: "STATICCALL", from: place, to: other, selector: "0x", value: 0n },
    { type: "DELEGATECALL", from: place, to: other, selector: "0xccdd", value: 0n },
    { type: "CREATE", from: place, to: created, selector: "0x", value: 1n },
  ]);
  expect(engine.account(created)).toMatchObject({ balance: 1n, nonce: 1n });
  expect(engine.trace()).toBeUndefined();
});

const transferTopic = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
/** Tells of a transfer of 9 from itself to `other`. */
const emitting = `9 PUSH0 MSTORE ${other} ADDRESS ${transferTopic} 32 PUSH0 LOG3`;

test("EVM-06: ether and tokens of watched addresses are told, and of no others", async () => {
  const engine = await open(
    { [place]: `0 0 0 0 5 ${other} GAS CALL ${emitting} STOP`, [token]: `${emitting} STOP` },
    { flows: true },
  );
  const run = (to: Address, value = 0n) => {
    engine.call({ from: sender, to, value });
    return engine.flows();
  };
  expect(run(place)).toEqual([]);
  engine.watch(other);
  const ether = { token: undefined, from: place, to: other, amount: 5n };
  const tokens = { token: place, from: place, to: other, amount: 9n };
  expect(run(place, 2n)).toEqual([ether, tokens]);
  expect(run(token)).toEqual([{ token, from: token, to: other, amount: 9n }]);
  engine.unwatch(other);
  engine.watch(sender);
  expect(run(place, 2n)).toEqual([{ token: undefined, from: sender, to: place, amount: 2n }]);
  expect(run(token)).toEqual([]);
});

test("EVM-06: flows of a frame that failed vanish, those of its caller stay", async () => {
  const engine = await open(
    {
      [place]: `0 0 0 0 5 ${other} GAS CALL 0 0 0 0 2 ${sender} GAS CALL STOP`,
      [other]: `0 0 0 0 1 ${sender} GAS CALL ${emitting} PUSH0 PUSH0 REVERT`,
    },
    { flows: true },
  );
  for (const address of [place, other, sender]) engine.watch(address);
  ask(engine);
  expect(engine.flows()).toEqual([{ token: undefined, from: place, to: sender, amount: 2n }]);
  // And those of a run that failed as a whole.
  engine.call({ from: sender, to: other, value: 3n });
  expect(engine.flows()).toEqual([]);
});

test("EVM-06: watching an address asks nothing of the source and hides nothing of it", async () => {
  const asked: Address[] = [];
  const engine = await openEngine({
    fork: "cancun",
    chainId: 1n,
    block,
    hooks: { flows: true },
    source: {
      account: async (address) => {
        asked.push(address);
        return { balance: 50n, nonce: 0n, code: new Uint8Array() };
      },
      slot: async () => 0n,
      blockHash: async () => new Uint8Array(32),
    },
  });
  engine.watch(other);
  expect(engine.account(other)).toBeUndefined();
  await engine.callAsync({ from: sender, to: other, value: 4n });
  expect(asked).toEqual([sender, block.coinbase, other]);
  expect(engine.account(other)!.balance).toBe(54n);
  expect(engine.flows()).toEqual([{ token: undefined, from: sender, to: other, amount: 4n }]);
});

test("EVM-06: hooks go on and off between runs, and a run leaves nothing in those that are off", async () => {
  const engine = await open({ [place]: `PUSH0 SLOAD 5 LT POP 0 0 0 0 1 ${other} GAS CALL STOP` });
  engine.watch(other);
  const kept = () => ({
    comparisons: engine.comparisons().length,
    storage: engine.storageUses().length,
    flows: engine.flows().length,
    calls: engine.callEdges().length,
    trace: engine.trace() === undefined ? 0 : 1,
  });
  const nothing = { comparisons: 0, storage: 0, flows: 0, calls: 0, trace: 0 };
  ask(engine);
  expect(kept()).toEqual(nothing);
  for (const name of ["comparisons", "storage", "flows", "calls", "trace"] as const) {
    engine.setHooks({ [name]: true });
    ask(engine);
    expect(kept()).toEqual({ ...nothing, [name]: name === "calls" ? 2 : 1 });
  }
  engine.setHooks({ edges: true });
  ask(engine);
  expect(kept()).toEqual(nothing);
  expect(engine.edges().some((count) => count > 0)).toBe(true);
});

test("EVM-06: hooks change no output, gas, log or state, whichever are on, and when", async () => {
  const addresses = Array.from({ length: 6 }, (_, n) => toAddress(0xc0de00n + BigInt(n)));
  // Calls, one after the other, what its call data names, and sends each a wei.
  const relay = assemble(
    "PUSH0 :next DUP1 CALLDATASIZE EQ @end JUMPI PUSH0 PUSH0 32 PUSH0 1 DUP6 CALLDATALOAD 50000 CALL POP 32 ADD @next JUMP :end STOP",
  );
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1 }),
      fc.array(fc.nat(63), { minLength: 8, maxLength: 8 }),
      async (seed, masks) => {
        const next = generator(seed);
        const codes = Object.fromEntries(addresses.map((address, n) => [address, n === 0 ? relay : randomCode(next)]));
        const [plain, hooked] = await Promise.all([open(codes), open(codes, everything)]);
        for (const address of [sender, ...addresses.slice(0, 3)]) hooked.watch(address);
        for (const mask of masks) {
          hooked.setHooks(
            Object.fromEntries(Object.keys(everything).map((name, bit) => [name, (mask & (1 << bit)) !== 0])),
          );
          const message = {
            from: sender,
            to: addresses[next(addresses.length)]!,
            value: BigInt(next(2)),
            gas: BigInt(next(300_000)),
            input: words(...Array.from({ length: next(4) }, () => BigInt(addresses[1 + next(5)]!))),
          };
          const result = (engine: Engine) => ({ ...engine.call(message), logs: engine.logs() });
          expect(result(hooked)).toEqual(result(plain));
        }
        for (const address of [sender, ...addresses]) expect(hooked.account(address)).toEqual(plain.account(address));
      },
    ),
    { numRuns: 20 },
  );
});
