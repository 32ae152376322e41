import fc from "fast-check";
import { expect, test } from "vitest";
import { addr } from "../model/detectorCase.testkit.ts";
import { type PlainAccount, type PlainBlock, plainMove, runPlain } from "../model/plainProtocol.testkit.ts";
import { detectLoopedBorrow } from "./detectLoopedBorrow.ts";

/** A loan of `debt` on `collateral`, liquidated at 80 %. */
const loan = (collateral: number, debt: number): PlainAccount => ({
  collateral,
  debt,
  required: debt / 0.8,
  exposure: collateral,
  size: collateral,
});
const loop = (times: number, account = 1) =>
  Array.from({ length: times }, () => [plainMove("collateral", account, 10), plainMove("debt", account, 5)]).flat();
const told = (...blocks: readonly PlainBlock[]) =>
  runPlain(detectLoopedBorrow, blocks)
    .at(-1)!
    .map((f) => f.severity);
const block = (events: ReturnType<typeof loop>, accounts: PlainBlock["accounts"], at = 1_000): PlainBlock => ({
  at,
  accounts: accounts!,
  collateralSupply: 10_000,
  txs: [{ events }],
});

test("DERIV-06, CAT-01: three rounds of deposit and borrow are told, two are not", () => {
  expect(told(block(loop(2), { 1: loan(100, 40) }))).toEqual([]);
  expect(told(block(loop(3), { 1: loan(100, 40) }))).toEqual(["medium"]);
});

test("DERIV-06: rounds add up over an hour and are forgotten after it", () => {
  const apart = (seconds: number) => [0, 1, 2].map((i) => block(loop(1), { 1: loan(100, 40) }, 1_000 + seconds * i));
  expect(told(...apart(1_700))).toEqual(["medium"]);
  expect(told(...apart(1_801))).toEqual([]);
});

test("DERIV-06: leverage at the limit, and collateral that is most of its token, are told where one borrows", () => {
  const borrow = [plainMove("debt", 1, 5)];
  expect(told(block(borrow, { 1: loan(100, 79.7) }))).toEqual(["medium"]);
  expect(told(block(borrow, { 1: loan(100, 79) }))).toEqual([]);
  expect(told(block(borrow, { 1: loan(4_000, 100) }))).toEqual(["medium"]);
  expect(told(block(loop(3), { 1: loan(4_000, 3_195) }))).toEqual(["high"]);
  expect(told(block([plainMove("debt", 1, -5)], { 1: loan(4_000, 3_195) }))).toEqual([]);
});

test("DERIV-06: a loop through several accounts in one transaction is one, in several people's bundle none", () => {
  const crowd = [1, 2, 3].flatMap((account) => loop(1, account));
  const accounts = Object.fromEntries([1, 2, 3].map((id) => [id, loan(100, 40)]));
  expect(told(block(crowd, accounts))).toEqual(["medium", "medium", "medium"]);
});

test("CAT-04: a liquidator takes collateral and repays, a migration deposits and borrows once", () => {
  const keeper = [plainMove("debt", 1, -50), plainMove("collateral", 1, -60), plainMove("debt", 2, -5)];
  expect(told(block(keeper, { 1: loan(1, 0), 2: loan(100, 40) }))).toEqual([]);
  expect(told(block(loop(1), { 1: loan(100, 40) }))).toEqual([]);
});

test("DERIV-06: what counts is that a borrow follows a deposit, whatever comes between", () => {
  const step = fc.constantFrom(plainMove("collateral", 1, 1), plainMove("debt", 1, 1), plainMove("debt", 1, -1));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (events) => {
      let [cycles, waits] = [0, false];
      for (const event of events) {
        if (event.kind === "collateral") waits = true;
        else if (event.kind === "debt" && event.amount > 0n && waits) [cycles, waits] = [cycles + 1, false];
      }
      const borrows = events.some((e) => e.kind === "debt" && e.amount > 0n);
      const found = runPlain(detectLoopedBorrow, [block(events as never, { 1: loan(100, 40) })])[0]!;
      expect(found.length > 0).toBe(borrows && cycles >= 3);
      if (found.length > 0) expect(found[0]).toMatchObject({ evidence: { cycles, account: addr(1) } });
    }),
  );
});
