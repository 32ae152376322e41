import { expect, test } from "vitest";
import { assemble } from "./assemble.testkit.ts";
import { block } from "./block.testkit.ts";
import { type Address, fromHex, type Hex, toHex } from "./hex.ts";
import { type Engine, openEngine } from "./openEngine.ts";
import type { TracedCall } from "./readTrace.ts";
import type { MomentAnswer, MomentQuestion } from "./readWithin.ts";

const alice: Address = `0x${"a1".repeat(20)}`;
const outer: Address = `0x${"d1".repeat(20)}`;
const inner: Address = `0x${"d2".repeat(20)}`;
const heir: Address = `0x${"d3".repeat(20)}`;

const account = (code: string, balance = 0n) => ({ balance, nonce: 1n, code: assemble(code) });
const open = (codes: { readonly [address: Address]: string }) =>
  openEngine({
    fork: "cancun",
    chainId: 1n,
    block,
    hooks: { trace: true },
    accounts: new Map([
      [alice, { balance: 10n ** 18n, nonce: 0n, code: new Uint8Array() }],
      ...Object.entries(codes).map(([address, code]) => [address as Address, account(code, 50n)] as const),
    ]),
  });
const tx = { from: alice, to: outer, value: 7n, input: new Uint8Array(), gas: 1_000_000n, gasPrice: 2n } as const;
const slotOf = (address: Address, key = 0n): MomentQuestion => ({ kind: "slot", address, key });
const accountOf = (address: Address): MomentQuestion => ({ kind: "account", address });
const callOf = (to: Address, input: Hex): MomentQuestion => ({
  kind: "call",
  message: { from: alice, to, input: fromHex(input), gas: 500_000n },
});

/** What each question came to, in a few words, at both ends of the call `order`. */
async function around(engine: Engine, order: number, questions: readonly MomentQuestion[]) {
  const sides = [];
  for (const side of ["begin", "end"] as const) {
    const answers = await engine.readWithinAsync(tx, { order, side }, questions);
    sides.push(answers!.map(inShort));
  }
  return sides;
}

function inShort(answer: MomentAnswer): bigint | string {
  if (answer.kind === "slot") return answer.value;
  if (answer.kind === "account") return answer.account.balance;
  return answer.outcome.succeeded ? BigInt(toHex(answer.outcome.output)) : "failed";
}

// Stores 1, pays 3 to `inner`, stores 2. `inner` stores 5 and pays 1 to `heir`.
const pays = `1 PUSH0 SSTORE 0 0 0 0 3 ${inner} GAS CALL POP 2 PUSH0 SSTORE STOP`;
const stores = `5 PUSH0 SSTORE 0 0 0 0 1 ${heir} GAS CALL POP`;

test("EVM-05: a call has moved nothing where it begins, and has done all where it has ended", async () => {
  const engine = await open({ [outer]: pays, [inner]: `${stores} STOP` });
  const asked = [slotOf(outer), slotOf(inner), accountOf(outer), accountOf(inner), accountOf(heir)];
  expect(await around(engine, 0, asked)).toEqual([
    [0n, 0n, 50n, 50n, 0n],
    [2n, 5n, 54n, 52n, 1n],
  ]);
  expect(await around(engine, 1, asked)).toEqual([
    [1n, 0n, 57n, 50n, 0n],
    [1n, 5n, 54n, 52n, 1n],
  ]);
  expect(await around(engine, 2, asked)).toEqual([
    [1n, 5n, 54n, 53n, 0n],
    [1n, 5n, 54n, 52n, 1n],
  ]);
  // Around the outermost the fee is paid and nothing of it given back.
  expect(await around(engine, 0, [accountOf(alice)])).toEqual([[10n ** 18n - 2_000_000n], [10n ** 18n - 2_000_007n]]);
});

test("EVM-05: what failed is taken back at its end, and stands within it", async () => {
  const engine = await open({ [outer]: pays, [inner]: `${stores} PUSH0 PUSH0 REVERT` });
  const asked = [slotOf(inner), accountOf(outer), accountOf(inner), accountOf(heir)];
  expect(await around(engine, 1, asked)).toEqual([
    [0n, 57n, 50n, 0n],
    [0n, 57n, 50n, 0n],
  ]);
  expect(await around(engine, 2, asked)).toEqual([
    [5n, 54n, 53n, 0n],
    [5n, 54n, 52n, 1n],
  ]);
});

test("EVM-05: code that is run by delegation writes for its caller; a precompiled contract gets its value", async () => {
  const delegates = `0 0 0 0 ${inner} GAS DELEGATECALL POP 0 0 0 0 2 4 GAS CALL POP 0 0 0 0 900 4 GAS CALL STOP`;
  const engine = await open({ [outer]: delegates, [inner]: "8 PUSH0 SSTORE STOP" });
  const precompiled: Address = `0x${"0".repeat(39)}4`;
  const asked = [slotOf(outer), slotOf(inner), accountOf(precompiled)];
  expect(await around(engine, 1, asked)).toEqual([
    [0n, 0n, 0n],
    [8n, 0n, 0n],
  ]);
  expect(await around(engine, 2, asked)).toEqual([
    [8n, 0n, 0n],
    [8n, 0n, 2n],
  ]);
  // More than it has: the call never begins.
  expect(await around(engine, 3, asked)).toEqual([
    [8n, 0n, 2n],
    [8n, 0n, 2n],
  ]);
});

test("EVM-05: a self-destruction has moved the balance at its end, a creation used its maker's nonce", async () => {
  const engine = await open({
    [outer]: `0 0 0 0 0 ${inner} GAS CALL POP 0 0 3 CREATE STOP`,
    [inner]: `${heir} SELFDESTRUCT`,
  });
  expect(await around(engine, 2, [accountOf(inner), accountOf(heir)])).toEqual([
    [50n, 0n],
    [0n, 50n],
  ]);
  await engine.sendAsync(tx);
  const made = engine.trace()!.calls[1]!.to;
  const again = await open({
    [outer]: `0 0 0 0 0 ${inner} GAS CALL POP 0 0 3 CREATE STOP`,
    [inner]: `${heir} SELFDESTRUCT`,
  });
  expect(await around(again, 3, [accountOf(made)])).toEqual([[0n], [3n]]);
  const nonces = [];
  for (const side of ["begin", "end"] as const) {
    const [answer] = (await again.readWithinAsync(tx, { order: 3, side }, [accountOf(outer)]))!;
    nonces.push(answer!.kind === "account" && answer!.account.nonce);
  }
  expect(nonces).toEqual([1n, 2n]);
});

test("EVM-05: a call made there sees transient storage, changes nothing for the next, and the transaction runs as it would", async () => {
  // Opens a lock, calls out, shuts it. With call data it answers the lock, adds one to both kinds of storage and says what it was.
  const locked = `CALLDATASIZE @look JUMPI 9 PUSH0 TSTORE 0 0 0 0 0 ${inner} GAS CALL POP 0 PUSH0 TSTORE STOP :look PUSH0 TLOAD PUSH0 MSTORE PUSH0 TLOAD 1 ADD PUSH0 TSTORE PUSH0 SLOAD 1 ADD PUSH0 SSTORE 32 PUSH0 RETURN`;
  const codes = { [outer]: locked, [inner]: "STOP" };
  const [engine, untouched] = [await open(codes), await open(codes)];
  const before = engine.snapshot();
  const looks = [callOf(outer, "0x01"), callOf(outer, "0x01"), slotOf(outer)];
  expect(await around(engine, 0, looks)).toEqual([
    [0n, 0n, 0n],
    [0n, 0n, 0n],
  ]);
  expect(await around(engine, 1, looks)).toEqual([
    [9n, 9n, 0n],
    [9n, 9n, 0n],
  ]);
  expect(engine.snapshot()).toBe(before);
  expect(engine.logs()).toEqual([]);
  const ran = async (one: Engine) => ({ ...(await one.sendAsync(tx)), trace: one.trace() });
  expect(await ran(engine)).toEqual(await ran(untouched));
  expect(engine.account(alice)).toEqual(untouched.account(alice));
});

test("EVM-05: a moment that a transaction does not come to has no state, nor has one that is not valid", async () => {
  const engine = await open({ [outer]: pays, [inner]: `${stores} STOP` });
  const before = engine.snapshot();
  expect(await engine.readWithinAsync(tx, { order: 3, side: "begin" }, [slotOf(outer)])).toBeUndefined();
  expect(await engine.readWithinAsync({ ...tx, nonce: 9n }, { order: 0, side: "begin" }, [])).toBeUndefined();
  expect(engine.snapshot()).toBe(before);
  expect((await engine.sendAsync(tx)).kind).toBe("ran");
  const sizeOf = (call: TracedCall): number => call.calls.reduce((sum, one) => sum + sizeOf(one), 1);
  expect(sizeOf(engine.trace()!)).toBe(3);
});
