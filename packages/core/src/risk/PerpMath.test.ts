import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as perp from "./PerpMath.ts";

const path = new URL("../../../../contracts/test/vectors/perp.json", import.meta.url);
const columns: Record<string, readonly string[]> = JSON.parse(readFileSync(path, "utf8"));
const signedColumns = new Set(
  "size held index from cost valueDown valueUp owedUp fundingStep costPart reducedBy".split(" "),
);

/** Row `i`: words above 2^255 of the signed columns are negative numbers. */
function rowOf(i: number): (key: string) => bigint {
  return (key) => {
    const word = BigInt(columns[key]![i]!);
    return signedColumns.has(key) ? BigInt.asIntN(256, word) : word;
  };
}

const unit = 10n ** 30n;
const anySize = fc.bigInt(-(10n ** 24n), 10n ** 24n);
const anyPrice = fc.bigInt(1n, 10n ** 24n);

test("PERP-02: every row of the shared vectors holds", () => {
  const count = columns.size!.length;
  expect(count).toBe(320);
  for (let i = 0; i < count; i++) {
    const of = rowOf(i);
    expect({
      valueDown: perp.valueDown(of("size"), of("wad"), of("unit")),
      valueUp: perp.valueUp(of("size"), of("wad"), of("unit")),
      notionalUp: perp.notionalUp(of("size"), of("wad"), of("unit")),
      owedUp: perp.owedUp(of("size"), of("index"), of("from"), of("unit")),
      fundingStep: perp.fundingStep(of("held"), of("scale"), of("cap"), of("wad"), of("time")),
      fillPrice: perp.fillPrice(of("size"), of("wad"), of("assets"), of("depth")),
      costPart: perp.costPart(of("cost"), of("closed"), of("total")),
      reducedBy: perp.reducedBy(of("held"), of("size")),
      shareUp: perp.shareUp(of("ratio"), of("assets")),
      toSharesDown: perp.toSharesDown(of("assets"), of("pool") + 1n, of("shares"), of("offset")),
      toAssetsDown: perp.toAssetsDown(of("assets"), of("pool"), of("shares") + 1n, of("offset")),
    }).toEqual(
      Object.fromEntries(
        "valueDown valueUp notionalUp owedUp fundingStep fillPrice costPart reducedBy shareUp toSharesDown toAssetsDown"
          .split(" ")
          .map((key) => [key, of(key)]),
      ),
    );
  }
});

test("PERP-02: opening and closing at one price never pays, in however many parts", () => {
  fc.assert(
    fc.property(
      anyPrice,
      fc.array(fc.bigInt(1n, 10n ** 24n), { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      (p, parts, long) => {
        const total = parts.reduce((sum, part) => sum + part, 0n);
        const side = long ? 1n : -1n;
        let [size, cost, gained] = [side * total, perp.valueUp(side * total, p, unit), 0n];
        for (const part of parts) {
          const share = perp.costPart(cost, part, size < 0n ? -size : size);
          gained += perp.valueDown(side * part, p, unit) - share;
          [size, cost] = [size - side * part, cost - share];
        }
        expect([size, cost]).toEqual([0n, 0n]);
        expect(gained <= 0n && gained >= -BigInt(parts.length + 1)).toBe(true);
      },
    ),
  );
});

test("PERP-02: shares bought and sold at once never pay", () => {
  const anyAmount = fc.bigInt(0n, 10n ** 24n);
  fc.assert(
    fc.property(anyAmount, anyAmount, anyAmount, fc.constantFrom(0n, 1_000_000n), (assets, pool, shares, offset) => {
      const bought = perp.toSharesDown(assets, pool + 1n, shares + 1n, offset);
      expect(perp.toAssetsDown(bought, pool + 1n + assets, shares + 1n + bought, offset) <= assets).toBe(true);
    }),
  );
});

test("PERP-02: a flip is closed first: what reduces and what enlarges make up the order", () => {
  fc.assert(
    fc.property(anySize, anySize, (held, size) => {
      const reduced = perp.reducedBy(held, size);
      const left = held + reduced;
      expect(left === 0n || held === 0n || left > 0n === held > 0n).toBe(true);
      const enlarged = size - reduced;
      expect(enlarged === 0n || left === 0n || enlarged > 0n === left > 0n).toBe(true);
    }),
  );
});
