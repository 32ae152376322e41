import fc from "fast-check";
import { expect, test } from "vitest";
import { useDetector } from "../model/Detector.ts";
import { addr, type CaseBlock, runDetector, word } from "../model/detectorCase.testkit.ts";
import { detectCollateralJump } from "./detectCollateralJump.ts";

const [vault, collateral, debt, price] = [addr(0x1001), addr(0xc0), addr(0xde), addr(0x9c)];
const reading = (to: string) => ({ to, data: "0x18160ddd", decimals: 6, word: 0 });
const position = {
  name: "system",
  subject: vault,
  collateral: reading(collateral),
  debt: reading(debt),
  price: reading(price),
  beta: 1,
};
const use = useDetector(detectCollateralJump, { positions: [position] });
const at = (c: number, d: number, p = 1): CaseBlock => ({
  state: (r) =>
    r.kind !== "call" ? undefined : word(BigInt(Math.round((r.to === collateral ? c : r.to === debt ? d : p) * 1e6))),
});
const calm = Array.from({ length: 30 }, (_, i) => at(2000 + (i % 3), 1000));
const last = (block: CaseBlock, u = use) => runDetector(u, [vault], [...calm, block])[30];

test("a fall that no price explains is damage, a rise an anomaly, calm nothing", () => {
  expect(runDetector(use, [vault], calm).flat()).toEqual([]);
  expect(last(at(1500, 1000))).toMatchObject([{ severity: "high", class: "damage", subject: vault }]);
  expect(last(at(2000, 1400))).toMatchObject([{ severity: "high", class: "damage" }]);
  expect(last(at(3000, 1000))).toMatchObject([{ severity: "medium", class: "anomaly" }]);
});

test("a move with the price is none, and without one it is", () => {
  expect(last(at(1000, 1000, 0.5))).toEqual([]);
  expect(last(at(1000, 1000, 1))).toHaveLength(1);
});

test("a deposit together with a loan at the same ratio is none", () => {
  expect(last(at(20_000, 10_000))).toEqual([]);
});

test("debt without collateral is told at once, no debt is nothing", () => {
  expect(runDetector(use, [vault], [at(0, 10)])[0]).toMatchObject([{ class: "damage", score: 1 }]);
  expect(runDetector(use, [vault], [at(10, 0), at(0, 0)]).flat()).toEqual([]);
  expect(runDetector(use, [vault], [{ state: () => undefined }])[0]).toEqual([]);
});

test("scaling collateral and debt together never raises", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 25, maxLength: 40 }), (scales) => {
      expect(
        runDetector(
          use,
          [vault],
          scales.map((s) => at(2 * s, s)),
        ).flat(),
      ).toEqual([]);
    }),
  );
});
