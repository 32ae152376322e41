import fc from "fast-check";
import { expect, test } from "vitest";
import { addr } from "../model/detectorCase.testkit.ts";
import type { ProtocolEvent } from "../model/ProtocolEvent.ts";
import {
  type PlainBlock,
  type PlainTx,
  plainMarket,
  plainTrade,
  runPlain,
  wad,
} from "../model/plainProtocol.testkit.ts";
import { detectExecVsMark } from "./detectExecVsMark.ts";

const calm: PlainBlock[] = Array.from({ length: 30 }, (_, i) => ({ price: 100 + 0.01 * (i % 3), reference: 100 }));
const told = (block: PlainBlock) =>
  runPlain(detectExecVsMark, [...calm, block])
    .at(-1)!
    .map((f) => `${(f.evidence as { kind: string }).kind} ${f.severity}`);
const fill = (size: number, price: number, more: Partial<PlainBlock> = {}): PlainBlock => ({
  price: 100,
  reference: 100,
  txs: [{ events: [plainTrade(1, size, price)] }],
  ...more,
});

test("DERIV-12, CAT-01: a fill better than the independent price allows is told, a worse one never", () => {
  expect(told(fill(-1, 120))).toEqual(["fill high"]);
  expect(told(fill(1, 97))).toEqual(["fill high"]);
  expect(told(fill(1, 99))).toEqual(["fill medium"]);
  expect(told(fill(1, 120))).toEqual([]);
  expect(told(fill(-1, 80))).toEqual([]);
  expect(told(fill(1, 99.95))).toEqual([]);
});

test("CAT-04: an honest update of the price within the block, and a liquidation at its discount, pass", () => {
  expect(told(fill(-1, 105, { before: 105, reference: 100 }))).toEqual([]);
  expect(told(fill(-1, 105, { before: 100, reference: 105 }))).toEqual([]);
  expect(told({ txs: [{ events: [plainTrade(1, 1, 90, "liquidation")] }] })).toEqual([]);
});

test("DERIV-12: the limit is the usual spread, the fee and the slack, to the basis point", () => {
  fc.assert(
    fc.property(fc.integer({ min: -400, max: 400 }), fc.boolean(), (bps, buys) => {
      const price = 100 * (1 + bps / 10_000);
      const advantage = (buys ? -bps : bps) / 10_000;
      // The habit's median is 0.0001 and its MAD 1.4826 times that: with six of them and the slack 19.9 bps.
      const limit = 0.0001 + 6 * 1.4826 * 0.0001 + 0.001;
      fc.pre(Math.abs(advantage - limit) > 5e-5);
      expect(told(fill(buys ? 1 : -1, price)).length).toBe(advantage > limit ? 1 : 0);
    }),
  );
});

test("DERIV-12: a wide habit widens what is usual, and without a habit nothing is judged", () => {
  const wide = Array.from({ length: 30 }, (_, i) => ({ price: 100 + (i % 7), reference: 100 }));
  expect(runPlain(detectExecVsMark, [...wide, fill(-1, 105)]).at(-1)!).toEqual([]);
  expect(runPlain(detectExecVsMark, [fill(-1, 200)]).flat()).toEqual([]);
});

const [attacker, first, second] = [addr(0xa77), 1, 2];
const both = (txs: readonly PlainTx[]): PlainBlock => ({ price: 100, reference: 100, txs });

test("DERIV-12: one account there and back in one block at a gain is high, at a loss nothing", () => {
  const trip = (out: number): PlainBlock =>
    both([{ from: addr(first), events: [plainTrade(first, 5, 100), plainTrade(first, -5, out)] }]);
  expect(told(trip(100.05))).toEqual([]);
  expect(told(trip(99))).toEqual([]);
  expect(told(trip(100.3))).toEqual(expect.arrayContaining(["self-trade high"]));
});

test("CAT-04: a keeper that executes two strangers' orders in one transaction is on neither side", () => {
  const events = [plainTrade(first, 5), plainTrade(second, -5)];
  expect(told(both([{ from: addr(0x4ee), events }]))).toEqual([]);
  expect(told(both([{ from: addr(first), events }]))).toEqual([]);
  // The contract that it calls and the sender are one actor.
  expect(told(both([{ from: addr(first), to: addr(second), events }]))).toEqual(["self-trade medium"]);
});

test("DERIV-12: a taker in the range of an order of his other account is told, outside of it not", () => {
  const quote = (lower: number, upper: number): ProtocolEvent => ({
    kind: "quote",
    market: plainMarket,
    account: attacker,
    lower: wad(lower),
    upper: wad(upper),
    liquidity: 1n,
    logIndex: 0,
  });
  const tx = (q: ProtocolEvent) => both([{ from: attacker, to: addr(first), events: [q, plainTrade(first, 5, 100)] }]);
  expect(told(tx(quote(99, 101)))).toEqual(["self-trade medium"]);
  expect(told(tx(quote(110, 120)))).toEqual([]);
});
