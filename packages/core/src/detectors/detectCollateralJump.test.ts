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
/** The answers of `block` with collateral and debt `times` as large. */
const scaledState =
  (block: CaseBlock, times: number): NonNullable<CaseBlock["state"]> =>
  (r) => {
    const answer = block.state!(r);
    const isPrice = r.kind === "call" && r.to === price;
    return answer?.ok === true && !isPrice ? word(BigInt(answer.value) * BigInt(times)) : answer;
  };
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

test("any fall beyond the limit that the price does not explain is damage, any rise an anomaly, at any scale", () => {
  const share = fc.double({ min: 0.03, max: 0.9, noNaN: true });
  const scale = fc.integer({ min: 1, max: 100_000 });
  const price = fc.double({ min: 0.2, max: 5, noNaN: true });
  fc.assert(
    fc.property(share, scale, price, fc.boolean(), (part, times, moved, byDebt) => {
      const [fallen, risen] = byDebt
        ? [at(2000 * moved, 1000 / (1 - part), moved), at(2000 * moved, 1000 * (1 - part), moved)]
        : [at(2000 * moved * (1 - part), 1000, moved), at((2000 * moved) / (1 - part), 1000, moved)];
      const scaled = (block: CaseBlock) => ({ state: scaledState(block, times) });
      const told = (block: CaseBlock) =>
        runDetector(use, [vault], [...calm.map(scaled), scaled(block)])[30]!.map((f) => [f.severity, f.class]);
      expect(told(fallen)).toEqual([["high", "damage"]]);
      expect(told(risen)).toEqual([["medium", "anomaly"]]);
      expect(told(at(2000 * moved, 1000, moved))).toEqual([]);
    }),
  );
});
