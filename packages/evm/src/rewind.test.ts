import fc from "fast-check";
import { expect, test } from "vitest";
import { block } from "./block.testkit.ts";
import type { Address } from "./hex.ts";
import { fromHex } from "./hex.ts";
import { openEngine } from "./openEngine.ts";

const alice: Address = `0x${"a1".repeat(20)}`;
const store: Address = `0x${"d1".repeat(20)}`;
const hidden: Address = `0x${"d2".repeat(20)}`;
// Stores the second word of its calldata under the first; without any it makes an empty contract.
const code = fromHex("0x3615600d5760203560003555005b6000600034f000");

const open = () =>
  openEngine({
    fork: "cancun",
    chainId: 1n,
    block,
    accounts: new Map([
      [alice, { balance: 10n ** 18n, nonce: 0n, code: new Uint8Array() }],
      [store, { balance: 0n, nonce: 1n, code, storage: new Map([[1n, 5n]]) }],
    ]),
  });
const wordOf = (value: bigint) => value.toString(16).padStart(64, "0");
const write = (key: bigint, value: bigint) => fromHex(`0x${wordOf(key)}${wordOf(value)}`);

type Engine = Awaited<ReturnType<typeof open>>;
const stateOf = (engine: Engine) => ({
  alice: { ...engine.account(alice)!, code: undefined },
  store: { ...engine.account(store)!, code: undefined },
  slots: [0n, 1n, 2n].map((key) => engine.slot(store, key) ?? 0n),
});

test("EVM-05: a rewind shows the state at a mark, whatever runs there, and comes forward to what was", async () => {
  const step = fc.record({
    key: fc.bigInt(0n, 2n),
    value: fc.bigInt(0n, 3n),
    wei: fc.bigInt(0n, 9n),
    makes: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), fc.nat(), step, async (steps, at, meanwhile) => {
      const engine = await open();
      const seen: { readonly mark: number; readonly state: unknown }[] = [];
      const run = ({ key, value, wei, makes }: typeof meanwhile) =>
        engine.send({
          from: alice,
          to: store,
          value: wei,
          input: makes ? new Uint8Array() : write(key, value),
          gas: 200_000n,
        });
      for (const one of steps) {
        seen.push({ mark: engine.snapshot(), state: stateOf(engine) });
        expect(run(one)).toMatchObject({ succeeded: true });
      }
      const now = stateOf(engine);
      const then = seen[at % seen.length]!;
      const comeBack = engine.rewind(then.mark);
      expect(stateOf(engine)).toEqual(then.state);
      const here = engine.snapshot();
      run(meanwhile);
      engine.rollback(here);
      expect(stateOf(engine)).toEqual(then.state);
      comeBack();
      expect(stateOf(engine)).toEqual(now);
      engine.rollback(then.mark);
      expect(stateOf(engine)).toEqual(then.state);
    }),
    { numRuns: 60 },
  );
});

test("EVM-05: who comes forward twice, or left something written at the mark, finds what was all the same", async () => {
  const engine = await open();
  const [begin, input] = [engine.snapshot(), write(0n, 7n)];
  const send = (data: Uint8Array) => engine.send({ from: alice, to: store, value: 0n, input: data, gas: 200_000n });
  send(input);
  const now = stateOf(engine);
  const comeBack = engine.rewind(begin);
  send(write(0n, 9n));
  send(write(2n, 9n));
  comeBack();
  expect(stateOf(engine)).toEqual(now);
  comeBack();
  expect(stateOf(engine)).toEqual(now);
});

test("EVM-04: who enters code of which only the hash is known makes the source be asked for it, once", async () => {
  const asked: string[] = [];
  const { keccak_256 } = await import("@noble/hashes/sha3.js");
  const engine = await openEngine({
    fork: "cancun",
    chainId: 1n,
    block,
    source: {
      account: async (address) => {
        if (address === hidden) return { balance: 0n, nonce: 1n, codeHash: keccak_256(code) };
        return address === alice ? { balance: 10n ** 18n, nonce: 0n, code: new Uint8Array() } : undefined;
      },
      code: async (address) => {
        asked.push(address);
        return code;
      },
      slot: async () => 0n,
      blockHash: async () => new Uint8Array(32),
    },
  });
  for (const value of [7n, 8n]) {
    const outcome = await engine.callAsync({ from: alice, to: hidden, input: write(1n, value) });
    expect(outcome).toMatchObject({ succeeded: true });
    expect(await engine.slotAsync(hidden, 1n)).toBe(value);
  }
  expect(asked).toEqual([hidden]);
});
