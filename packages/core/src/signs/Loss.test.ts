import fc from "fast-check";
import { expect, test } from "vitest";
import { lossOf } from "./Loss.ts";

const amount = fc.bigInt(1n, 10n ** 30n);

test("a constant-product swap with any fee loses nothing", () => {
  fc.assert(
    fc.property(amount, amount, amount, fc.bigInt(0n, 1000n), (x, y, dy, feeMille) => {
      const paid = (dy * (1000n - feeMille)) / 1000n;
      const dx = (x * paid) / (y + paid);
      fc.pre(dx > 0n);
      expect(lossOf([{ asset: "x", amount: dx, held: x }], [{ asset: "y", amount: dy, held: y }]).loss).toBeLessThan(
        1e-8,
      );
    }),
  );
});

test("is within 0 and 1, grows with what leaves and falls with what comes", () => {
  const legs = (name: string) =>
    fc.array(fc.record({ asset: fc.constantFrom(`${name}1`, `${name}2`), amount, held: fc.bigInt(0n, 10n ** 30n) }), {
      maxLength: 4,
    });
  fc.assert(
    fc.property(legs("o"), legs("i"), amount, fc.double({ min: 0, max: 1, noNaN: true }), (outs, ins, more, claim) => {
      const { loss } = lossOf(outs, ins, claim);
      expect(loss).toBeGreaterThanOrEqual(0);
      expect(loss).toBeLessThanOrEqual(1);
      expect(lossOf([...outs, { asset: "o1", amount: more, held: more }], ins, claim).loss).toBeGreaterThanOrEqual(
        loss,
      );
      expect(lossOf(outs, [...ins, { asset: "i1", amount: more, held: more }], claim).loss).toBeLessThanOrEqual(loss);
      expect(lossOf(outs, ins, 1).loss).toBe(0);
    }),
  );
});

test("ids of one collection add up", () => {
  const id = (n: number) => ({ asset: `0xnft:${n}`, amount: 1n, held: 4n, isCollection: true });
  expect(lossOf([id(1), id(2), id(3)], []).loss).toBe(0.75);
});
