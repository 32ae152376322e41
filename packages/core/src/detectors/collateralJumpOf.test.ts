import fc from "fast-check";
import { expect, test } from "vitest";
import { addr } from "../model/detectorCase.testkit.ts";
import { type PlainAccount, type PlainBlock, plainMove, runPlain } from "../model/plainProtocol.testkit.ts";
import { collateralJumpOf } from "./detectCollateralJump.ts";

/** A position of `size` on `margin`, opened at 100, as it stands at `price`; maintenance is 5 %. */
const position = (size: number, margin: number, price: number, off = 1): PlainAccount => ({
  size,
  collateral: (margin + size * (price - 100)) * off,
  required: Math.abs(size) * price * 0.05,
  exposure: size * price,
  requiredExposure: Math.abs(size) * price * 0.05,
});
const market = (
  price: number,
  off: Readonly<{ [id: number]: number }> = {},
  acts: readonly number[] = [],
): PlainBlock => ({
  price,
  accounts: {
    1: position(10, 400, price, off[1]),
    2: position(-8, 300, price, off[2]),
    3: position(3, 200, price, off[3]),
  },
  txs: acts.map((id) => ({ events: [plainMove("collateral", id, 1)] })),
});
const calm = Array.from({ length: 30 }, (_, i) => market(100 + (i % 4), {}, i === 0 ? [1, 2, 3] : []));
const told = (block: PlainBlock) =>
  runPlain(collateralJumpOf, [...calm, block])
    .at(-1)!
    .map((f) => `${f.key[2]} ${f.severity} ${f.class}`);

test("DERIV-07, CAT-01: a fall of one account that neither price nor its own act explains is damage", () => {
  expect(runPlain(collateralJumpOf, calm).flat()).toEqual([]);
  expect(told(market(101, { 1: 0.5 }))).toEqual(["account high damage", "system high damage"]);
  expect(told(market(101, { 3: 1.2 }))).toEqual(["account medium anomaly", "system medium anomaly"]);
  expect(told(market(101, { 1: 0.5 }, [1]))).toEqual([]);
});

test("DERIV-07: no move of the price alone is told, whatever the leverage, and any fall beyond 2 % with it is", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 80, max: 120, noNaN: true }),
      fc.double({ min: 0.1, max: 0.95, noNaN: true }),
      (price, off) => {
        fc.pre(Math.abs(price - 101) > 0.01);
        expect(told(market(price))).toEqual([]);
        expect(told(market(price, { 3: off }))).toContain("account high damage");
      },
    ),
    { numRuns: 40 },
  );
});

test("DERIV-07: an account left with nothing is told at once", () => {
  const [found] = runPlain(collateralJumpOf, [calm[0]!, market(100, { 2: -0.1 })]).at(-1)!;
  expect(found).toMatchObject({ severity: "high", class: "damage", addresses: [addr(2)] });
});

test("CAT-04: a stablecoin's wobble and a small rebase are no jump", () => {
  const rebase = Array.from({ length: 60 }, (_, i) => {
    const price = 1 + 0.001 * Math.sin(i);
    const collateral = 100 * price * 1.0003 ** i;
    const accounts = { 1: { collateral, exposure: collateral, required: 60, debt: 48, size: 100 } };
    return { price, accounts, txs: i === 0 ? [{ events: [plainMove("collateral", 1, 1)] }] : [] };
  });
  expect(runPlain(collateralJumpOf, rebase).flat()).toEqual([]);
});
