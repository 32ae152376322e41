import { expect, test } from "vitest";
import { coveredCallAdapter } from "../adapters/coveredCallAdapter.ts";
import { curieAdapter } from "../adapters/curieAdapter.ts";
import { morphoBlueAdapter } from "../adapters/morphoBlueAdapter.ts";
import type { DetectorUse } from "../model/Detector.ts";
import { addr } from "../model/detectorCase.testkit.ts";
import { lendingDetectors, optionsDetectors, perpDetectors } from "./derivativeDetectors.ts";

const at = addr(0xc0);
const perp = curieAdapter({
  clearingHouse: at,
  vault: at,
  accountBalance: at,
  exchange: at,
  insuranceFund: at,
  clearingHouseConfig: at,
  markets: [],
});
const ids = (uses: readonly DetectorUse[]) => uses.map(({ meta }) => meta.id);

test("CAT-02: one adapter serves each detector that its kind of protocol can be judged by", () => {
  expect(ids(perpDetectors(perp))).toEqual([
    "looped-borrow",
    "collateral-jump",
    "liq-cascade",
    "order-flow",
    "skew-oi",
    "funding",
    "exec-vs-mark",
  ]);
  const lending = morphoBlueAdapter({ morpho: at, markets: [] });
  expect(ids(lendingDetectors(lending))).toEqual(["looped-borrow", "collateral-jump", "liq-cascade"]);
  const vault = coveredCallAdapter({ vault: at, underlyingDecimals: 18 });
  expect(ids(optionsDetectors(vault))).toEqual(["collateral-jump", "skew-oi", "exec-vs-mark"]);
  for (const { meta } of perpDetectors(perp))
    expect([meta.runbook, meta.owner].every((text) => text.length > 0)).toBe(true);
});

test("CAT-02: settings are given by detector, and the others keep their defaults", () => {
  const [skew, funding] = ["skew-oi", "funding"].map((id) =>
    perpDetectors(perp, { "skew-oi": { maxSkew: 0.5 } }).find(({ meta }) => meta.id === id),
  );
  expect(skew!.settings).toMatchObject({ maxSkew: 0.5, maxHerfindahl: 0.25 });
  expect(funding!.settings).toMatchObject({ k: 8 });
});

test("error: settings for a detector that the suite does not have, or that it does not take, are refused", () => {
  expect(() =>
    optionsDetectors(coveredCallAdapter({ vault: at, underlyingDecimals: 18 }), { funding: { k: 2 } }),
  ).toThrow(/no detector "funding"[\s\S]*collateral-jump, skew-oi, exec-vs-mark/);
  expect(() => perpDetectors(perp, { funding: { sigma: 2 } })).toThrow();
  expect(() => perpDetectors(perp, { "order-flow": { maxVpin: 2 } })).toThrow();
});
